/* marks.h: see marks.c. */
#ifndef FNN_MARKS_H
#define FNN_MARKS_H

#include "fastnn.h"

/* Load rows order[start .. end - 1] (order NULL: first + start, ...) of the data as those of the batch, with their bits in
 * the program's zeros. */
void fnn_load_marked(const fnn_program *p, const fnn_data *data, const int64_t *order, int64_t first, int64_t start,
                     int64_t end);

#endif

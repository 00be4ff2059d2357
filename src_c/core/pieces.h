/* pieces.h: see pieces.c. */
#ifndef FNN_PIECES_H
#define FNN_PIECES_H

#include "fastnn.h"

enum { FNN_MOST_VALUES = 16 }; /* of a program whose batches are cut */

int fnn_op_waits_for_last_piece(int32_t code);

#endif

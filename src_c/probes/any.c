/* Compiles wherever there is a C compiler. */
int fnn_probe(void) { return 0; }

"""The compiled part: Cython over ``src_c``. Knows nothing of the Python above it."""

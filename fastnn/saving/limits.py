"""How large the parts of a model file may be. They are checked before anything is allocated for them."""

JSON_BYTES = 1 << 20
"""Of a JSON text: the configuration of ten thousand layers fits."""

JSON_DEPTH = 16
"""Brackets within brackets."""

LAYERS = 10_000

INTEGER = 2**53
"""The largest integer, which is also the largest that every reader of JSON holds exactly."""

HDF5_OBJECTS = 200_000
"""Groups and data sets in one file."""

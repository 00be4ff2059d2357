"""How large the parts of a model file may be. They are checked before anything is allocated for them."""

JSON_BYTES = 1 << 20
"""Of a JSON text: the configuration of about a thousand layers fits."""

JSON_DEPTH = 64
"""Brackets within brackets: a functional model takes eleven, each model within it three more."""

LAYERS = 10_000

CALLS = 100_000
"""Calls of layers in a model, those in models within it counted at each of their calls."""

INTEGER = 2**53
"""The largest integer, which is also the largest that every reader of JSON holds exactly."""

HDF5_OBJECTS = 200_000
"""Groups and data sets in one file."""

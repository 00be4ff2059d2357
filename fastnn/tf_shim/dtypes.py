"""Types of numbers under TensorFlow's names; NumPy's own are taken everywhere too."""

import numpy as np

float16 = np.dtype("float16")
float32 = np.dtype("float32")
float64 = double = np.dtype("float64")
int8 = np.dtype("int8")
int16 = np.dtype("int16")
int32 = np.dtype("int32")
int64 = np.dtype("int64")
uint8 = np.dtype("uint8")
bool = np.dtype("bool")
string = np.dtype("str")


def as_dtype(value):
    """The type that a name or NumPy's type stands for."""
    return np.dtype(value)

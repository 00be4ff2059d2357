"""``keras.mixed_precision``: a model's numbers have one type here."""

from .config import dtype_policy, set_dtype_policy

__all__ = ["dtype_policy", "global_policy", "set_dtype_policy", "set_global_policy"]

set_global_policy = set_dtype_policy
global_policy = dtype_policy

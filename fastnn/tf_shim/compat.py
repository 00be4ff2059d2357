"""``tf.compat.v1``, as far as scripts use it to set the seed and to say less."""

import sys
import types

from ..random import set_random_seed

v1 = types.ModuleType(f"{__name__}.v1", "Names of TensorFlow 1.")
v1.set_random_seed = set_random_seed
v1.logging = types.SimpleNamespace(
    DEBUG=10, INFO=20, WARN=30, ERROR=40, FATAL=50, set_verbosity=lambda level: None
)
v1.disable_eager_execution = v1.enable_eager_execution = v1.disable_v2_behavior = lambda: None  # nothing to switch
sys.modules[v1.__name__] = v1

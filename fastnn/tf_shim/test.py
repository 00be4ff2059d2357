"""``tf.test``, as scripts use it to ask for a GPU: there is none."""


def is_gpu_available(cuda_only=False, min_cuda_compute_capability=None):
    """False: fastnn runs on the CPU."""
    return False


def is_built_with_cuda():
    """False: fastnn runs on the CPU."""
    return False


def gpu_device_name():
    """An empty name: there is no GPU."""
    return ""

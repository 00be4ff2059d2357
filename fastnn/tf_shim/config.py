"""``tf.config``: questions about devices, and settings that are fulfilled already or change no result."""

import types


def list_physical_devices(device_type=None):
    """The processor; never a GPU, as fastnn runs on the CPU."""
    devices = [types.SimpleNamespace(name="/physical_device:CPU:0", device_type="CPU")]
    return [device for device in devices if device_type in (None, device.device_type)]


list_logical_devices = list_physical_devices


def set_visible_devices(devices, device_type=None):
    """Nothing to hide: there is only the processor."""


def get_visible_devices(device_type=None):
    """The processor."""
    return list_physical_devices(device_type)


def run_functions_eagerly(run_eagerly):
    """Nothing to do: functions always run as Python."""


def _enable_op_determinism():
    """Nothing to do: results are always the same bits for the same seed."""


def _set_memory_growth(device, enable):
    """Nothing to do: it concerns GPUs."""


experimental = types.SimpleNamespace(
    enable_op_determinism=_enable_op_determinism,
    get_memory_growth=lambda device: False,
    list_physical_devices=list_physical_devices,
    list_logical_devices=list_physical_devices,
    set_memory_growth=_set_memory_growth,
    set_visible_devices=set_visible_devices,
)


def _set_threads(num_threads):
    """Nothing to do: the number of threads changes no result; ``FASTNN_NUM_THREADS`` sets it."""


threading = types.SimpleNamespace(
    set_inter_op_parallelism_threads=_set_threads, set_intra_op_parallelism_threads=_set_threads
)

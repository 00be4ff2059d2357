"""What a library costs before it has trained anything: the time of its import, and its size on the disk."""

import importlib.metadata
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

from .peers import PACKAGES

_IMPORT = """
import time
{first}
start = time.thread_time()
import {package}
print(time.thread_time() - start)
"""


def import_seconds(name, rounds=3):
    """Processor seconds of the thread that imports a peer in a new process, least of some rounds; beyond NumPy's."""
    package = PACKAGES[name]
    code = _IMPORT.format(first="" if package == "numpy" else "import numpy", package=package)
    # From the folder of this package, which may stand where it was built.
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    environment |= {"TF_CPP_MIN_LOG_LEVEL": "3", "KERAS_BACKEND": os.environ.get("KERAS_BACKEND", "tensorflow")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed package has its bytecode in files
    seconds = []
    for _ in range(rounds):
        command = [sys.executable, "-c", code]
        result = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
        seconds.append(float(result.stdout.split()[-1]))
    return min(seconds)


def installed_bytes(name):
    """Bytes of a package's files, without what it needs: those of its wheel, or of its folder where it has none."""
    package = PACKAGES[name]
    if package != "fastnn":  # which may be installed from elsewhere than where it runs
        for distribution in importlib.metadata.packages_distributions().get(package, ()):
            files = [file for file in importlib.metadata.files(distribution) or () if file.suffix != ".pyc"]
            sizes = [path.stat().st_size for file in files if (path := Path(file.locate())).is_file()]
            if sizes:
                return sum(sizes)
    folder = Path(importlib.util.find_spec(package).origin).parent
    return sum(p.stat().st_size for p in folder.rglob("*") if p.is_file() and p.suffix not in (".pyc", ".c", ".pyx"))

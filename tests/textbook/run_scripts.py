"""Run scripts by ``fastnn run``, each in a folder of its own: ``python run_scripts.py FOLDER SCRIPT...``.

One process imports what the scripts need and forks for each of them, which saves a second a script. Writes
``FOLDER/<name>/out.txt``, ``err.txt`` and ``code.txt``. Where there is no fork, processes are started as usual.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import traceback

import make_data

HERE = pathlib.Path(__file__).resolve().parent
SEED = 1

PRELOADED = (
    "pandas",
    "sklearn.model_selection",
    "sklearn.pipeline",
    "sklearn.preprocessing",
    "sklearn.metrics",
    "fastnn.callbacks",
    "fastnn.datasets.mnist",
    "fastnn.tf_shim",
)


def run_forked(script, folder):
    """Run a script in a child of this process; returns its exit code."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    code = 99
    try:
        for number, name in ((1, "out.txt"), (2, "err.txt")):
            os.dup2(os.open(folder / name, os.O_WRONLY | os.O_CREAT), number)
        os.chdir(folder)
        code = run_seeded(script)
    except SystemExit as error:
        code = error.code or 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def run_seeded(script):
    """Run a script by the command; where it sets no seed itself, its numbers are the same each time all the same."""
    from fastnn.cli import main
    from fastnn.utils import set_random_seed

    set_random_seed(SEED)
    return main(["run", str(script)])


def run_started(script, folder):
    """Run a script in a process of its own; returns its exit code."""
    with open(folder / "out.txt", "wb") as out, open(folder / "err.txt", "wb") as err:
        text = f"import sys; sys.path.insert(0, {str(HERE)!r}); import run_scripts as r; "
        text += "sys.exit(r.run_seeded(sys.argv[1]))"
        command = [sys.executable, "-c", text, str(script)]
        return subprocess.run(command, cwd=folder, stdout=out, stderr=err).returncode


def main(folder, *scripts):
    folder = pathlib.Path(folder)
    tables = folder / "tables"
    tables.mkdir()
    make_data.write(tables)
    forked = hasattr(os, "fork")
    for name in PRELOADED if forked else ():
        __import__(name)
    for script in map(pathlib.Path, scripts):
        own = folder / script.stem
        shutil.copytree(tables, own)
        code = (run_forked if forked else run_started)(script.resolve(), own)
        (own / "code.txt").write_text(str(code))


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Runs a script as ``python script.py`` would, but with fastnn in the place of Keras and TensorFlow."""

import builtins
import io
import os
import sys
import types

FAILED, INTERRUPTED = 1, 130


def run_script(script, arguments):
    """Run a script as ``__main__``.

    ``sys.argv`` is the script and its arguments, ``sys.path[0]`` its folder; the working directory stays. An
    exception that the script does not catch is printed with the script's own lines only.

    Parameters
    ----------
    script : str
    arguments : list of str

    Returns
    -------
    int
        0, 1 after an exception, or 130 after Ctrl-C. SystemExit passes through.

    Raises
    ------
    OSError
        If the script cannot be read.
    ImportError
        If the real Keras or TensorFlow has been imported already.
    """
    from . import as_keras

    with io.open_code(os.path.abspath(script)) as file:
        source = file.read()
    as_keras.install()
    main = types.ModuleType("__main__")
    main.__dict__.update(__file__=script, __builtins__=builtins, __cached__=None)
    sys.modules["__main__"] = main
    sys.argv[:] = [script, *arguments]
    if not sys.flags.safe_path:
        sys.path[0] = os.path.dirname(os.path.abspath(script))
    try:
        exec(compile(source, script, "exec", dont_inherit=True), main.__dict__)
    except SystemExit:
        raise
    except BaseException as error:
        sys.stdout.flush()
        # The first lines of the traceback are those of this function, which no reader of the script needs.
        error.__traceback__ = error.__traceback__.tb_next
        sys.excepthook(type(error), error, error.__traceback__)
        return INTERRUPTED if isinstance(error, KeyboardInterrupt) else FAILED
    return 0

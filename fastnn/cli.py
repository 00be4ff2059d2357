"""The command ``fastnn``. Each command imports what it needs when it runs."""

import argparse
import importlib
import os
import sys
from pathlib import Path

FIGURE_ENDINGS = (".png", ".pdf", ".svg")
TABLES = ("appendix", "fit", "predict")
"""Tables of their own: the lecture appendix's functions, what fit costs beyond its native work, one row predicted."""
INTERRUPTED = 130  # what a shell reports for a program that Ctrl-C ended


def main(argv=None):
    """Run a command.

    Parameters
    ----------
    argv : list of str, optional
        By default those of the process.

    Returns
    -------
    int
        0, or 1 if the command failed, or 130 after Ctrl-C. Wrong arguments end in SystemExit with 2.
    """
    arguments = vars(_parser().parse_args(argv))
    command = arguments.pop("command")
    try:
        code = command(**arguments)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        print("\nfastnn: stopped by Ctrl-C", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # the reader, such as `head`, wants no more
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for the flush at exit
        return 1
    except (ImportError, OSError, ValueError) as error:
        print(f"fastnn: error: {error}", file=sys.stderr)
        return 1


def demo(**options):
    """Train an MNIST classifier on the bundled data."""
    from .bench.demo import run

    run(**options)
    return 0


def bench(with_peers, threads, figure, kinds, **options):
    """Time and verify nets beside NumPy, or beside all installed libraries."""
    if not with_peers and (len(threads) > 1 or figure or kinds):
        raise ValueError("several numbers of --threads, --figure and --rows go with --peers only")
    for name in TABLES:
        if name in options["names"]:
            if options["names"] != [name]:
                raise ValueError(f"{name} is a table of its own; give no other names with it")
            run = importlib.import_module(f".bench.{name}", __package__).run
            if name != "fit" and options["epochs"] != 1:
                raise ValueError(f"--epochs goes with nets and with fit, got {options['epochs']} for {name}")
            epochs = {"epochs": options["epochs"]} if name == "fit" else {}
            return 0 if run(options["rounds"], threads[0], options["json_file"], **epochs) else 1
    if with_peers:
        from .bench.run_peers import run

        run(threads=threads, figure=figure, **({"kinds": kinds} if kinds else {}), **options)
        return 0
    from .bench.run import run

    return 0 if run(threads=threads[0], **options) else 1


def info():
    """Print what is installed and what it runs on."""
    from . import __file__ as package
    from .backends.native import choose_level, core
    from .bench import system

    facts = system.describe()
    built = core.levels()
    forced = os.environ.get("FASTNN_ISA")
    for name, text in {
        "fastnn": f"{facts['fastnn']}, arithmetic {facts['numerics']}",
        "installed in": Path(package).parent,
        "Python": f"{facts['python']}, NumPy {facts['numpy']}",
        "system": facts["system"],
        "processor": facts["processor"],
        "SIMD built": ", ".join(built),
        "SIMD supported": ", ".join(level for level, supported in built.items() if supported),
        "SIMD chosen": f"{choose_level()} ({'by FASTNN_ISA' if forced else 'the best supported one'})",
        "threads": _threads_text(facts["processors allowed"]),
    }.items():
        print(f"{name:16}{text}")
    print("data:")
    for folder, names in _data_sets().items():
        print(f"  {folder}: {', '.join(names) or 'none'}")
    return 0


def run(script, arguments):
    """Run a Python script written for Keras; keras and tensorflow are fastnn in it."""
    from .script import run_script

    return run_script(script, arguments)


def _threads_text(processors):
    from .backends.native import core
    from .threads import get_num_threads

    threads = get_num_threads()
    text = f"up to {threads}; this process may run on {processors} processor{'s' if processors != 1 else ''}"
    if threads > 1 and (latency := core.barrier_latency(threads)):
        text += f"; all wait for each other in {latency:.0f} ns"
    return text


def _data_sets():
    """Folders that are searched for data sets, in order, with the sets found in each."""
    from .datasets import data_folders, mnist

    folders = [mnist.FOLDER.parent, *data_folders()]
    return {
        folder: sorted(entry.name for entry in folder.iterdir() if entry.is_dir()) if folder.is_dir() else []
        for folder in folders
    }


def _parser():
    from . import __version__, numerics_version

    parser = argparse.ArgumentParser(
        prog="fastnn", description="Dense neural networks on the CPU.", allow_abbrev=False
    )
    parser.add_argument(
        "--version", action="version", version=f"fastnn {__version__} (arithmetic {numerics_version})"
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    command = _command(commands, demo)
    command.add_argument("--epochs", type=_count, default=5, metavar="N", help="default: 5")
    command.add_argument(
        "--out", type=_figure, default="fastnn-demo.png", metavar="FILE", help="default: fastnn-demo.png"
    )
    command.add_argument(
        "--seed", type=_seed, default=1, metavar="N", help="default: 1; the same seed, the same result"
    )
    command.add_argument(
        "--rows", type=_count, metavar="N", help="train on the first N of the 60,000 images only"
    )
    command.add_argument(
        "--no-numpy", action="store_false", dest="with_numpy", help="leave out the comparison with NumPy"
    )

    command = _command(commands, bench)
    command.add_argument(
        "names", nargs="*", type=_net, metavar="NAME", help=f"nets, or {' or '.join(TABLES)}; default: all nets"
    )
    command.add_argument("--rounds", type=_count, default=3, metavar="N", help="timed rounds; default: 3")
    command.add_argument("--epochs", type=_count, default=1, metavar="N", help="epochs a round; default: 1")
    command.add_argument(
        "--threads", type=_counts, default=[1], metavar="N", help="default: 1; with --peers also several, as in 1,2"
    )
    command.add_argument(
        "--peers", action="store_true", dest="with_peers", help="beside every installed library, a process each"
    )
    command.add_argument(
        "--rows",
        type=_kinds,
        dest="kinds",
        metavar="KIND",
        help="with --peers: real, dense (random rows without zeros), or real,dense; default: both",
    )
    command.add_argument("--figure", type=_figure, metavar="FILE", help="with --peers: draw the ratios")
    command.add_argument(
        "--json", type=_file, dest="json_file", metavar="FILE", help="write all results there"
    )
    command.add_argument("--quick", action="store_true", help="leave out the nets that take long")

    _command(commands, info)

    command = _command(commands, run)
    command.add_argument("script", metavar="SCRIPT.py")
    command.add_argument(
        "arguments", nargs=argparse.REMAINDER, metavar="...", help="the script's own arguments, its sys.argv[1:]"
    )
    return parser


def _command(commands, function):
    parser = commands.add_parser(function.__name__, help=function.__doc__, description=function.__doc__)
    parser.set_defaults(command=function)
    return parser


def _integer(text, low, high=None):
    number = int(text) if text.lstrip("-").isdecimal() else None
    if number is None or number < low or (high is not None and number > high):
        limits = f"of at least {low}" if high is None else f"from {low} to {high}"
        raise argparse.ArgumentTypeError(f"expected a whole number {limits}, got {text}")
    return number


def _count(text):
    return _integer(text, 1)


def _counts(text):
    return [_count(part) for part in text.split(",")]


def _kinds(text):
    kinds = text.split(",")
    if unknown := set(kinds) - {"real", "dense"}:
        raise argparse.ArgumentTypeError(f"expected real, dense or both, got {unknown.pop()}")
    return kinds


def _seed(text):
    return _integer(text, 0, 2**32 - 1)


def _net(text):
    from .bench.nets import find

    if text in TABLES:
        return text
    try:
        return find([text])[0].name
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _file(text):
    """A file that can be written: said before hours of work rather than after."""
    path = Path(text)
    if path.is_dir() or not path.parent.is_dir():
        what = "is a folder" if path.is_dir() else f"is in no folder that exists ({path.parent})"
        raise argparse.ArgumentTypeError(f"{text} {what}")
    return path


def _figure(text):
    path = _file(text)
    if path.suffix.lower() not in FIGURE_ENDINGS:
        raise argparse.ArgumentTypeError(
            f"expected a file that ends in {', '.join(FIGURE_ENDINGS)}, got {text}"
        )
    return path

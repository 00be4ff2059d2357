"""Sphinx: `make docs`. English pages stand in docs/, Korean ones under the same names in docs/ko/."""

import os
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

import fastnn

project = "fastnn"
author = "the fastnn authors"
version = release = fastnn.__version__
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.mathjax", "example_results"]
exclude_patterns = ["_build", "_results", "_ext"]

html_theme = "furo"
html_title = f"fastnn {version}"
html_static_path = []

myst_enable_extensions = ["dollarmath", "amsmath", "deflist"]
myst_heading_anchors = 3

nb_execution_mode = "cache"
nb_execution_raise_on_error = True
nb_execution_timeout = 120
os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")

autodoc_member_order = "bysource"
autodoc_default_options = {"members": True, "show-inheritance": True}
autoclass_content = "class"
napoleon_use_rtype = False
napoleon_use_ivar = True
suppress_warnings = ["ref.python"]  # types in docstrings are plain words, of which some are names of attributes too


def plain_text(app, what, name, obj, options, lines):
    """Our docstrings are read in the source, so stars, bars and closing underscores in them are no markup."""
    if what == "module":  # what follows the first paragraph is for who reads the source
        del lines[lines.index("") if "" in lines else len(lines) :]
    for number, line in enumerate(lines):
        parts = line.split("``")  # every second one is code
        parts[::2] = [re.sub(r"[*|]|(?<=\w)_(?!\w)", r"\\\g<0>", part) for part in parts[::2]]
        lines[number] = "``".join(parts)


def setup(app):
    app.connect("autodoc-process-docstring", plain_text, priority=400)  # before napoleon

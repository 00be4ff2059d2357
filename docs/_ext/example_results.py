"""Runs the numbered examples once, and shows each on its page: its figures, its text, what it prints.

The directive ``{example} 01_perceptron`` stands at the end of a page.  The results go to ``docs/_results``; an example
is run again only when its file has changed.  ``FASTNN_EXAMPLES_OUT`` may name a folder in which the examples have been
run already (with what each printed in ``<name>.txt``): then nothing is run here.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from docutils import nodes
from sphinx.errors import ExtensionError
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

DOCS = Path(__file__).parents[1]
EXAMPLES, RESULTS = DOCS.parent / "examples", DOCS / "_results"
LINES = 40  # of what an example prints; the last ones
WORDS = {
    "en": ("The script", "What it prints", "The figure of this example was not made: its data set was not found."),
    "ko": ("전체 코드", "출력", "이 예제의 데이터를 찾지 못해 그림을 만들지 못했습니다."),
}

logger = logging.getLogger(__name__)


def run_examples(app):
    """Make ``docs/_results`` complete."""
    RESULTS.mkdir(exist_ok=True)
    ready = os.environ.get("FASTNN_EXAMPLES_OUT")
    for script in sorted(EXAMPLES.glob("[0-9]*.py")):
        for page in (DOCS / "examples", DOCS / "ko" / "examples"):
            if not (page / f"{script.stem}.md").exists():
                logger.info("%s has no page in %s", script.name, page.relative_to(DOCS))
        text = RESULTS / f"{script.stem}.txt"
        if ready:
            for made in Path(ready).glob(f"{script.stem}.*"):
                shutil.copy(made, RESULTS)
        if text.exists() and text.stat().st_mtime > script.stat().st_mtime:
            continue
        logger.info("running %s", script.name)
        environment = {**os.environ, "MPLBACKEND": "Agg", "PYTHONIOENCODING": "utf-8"}
        command = [sys.executable, str(script)]
        done = subprocess.run(command, cwd=RESULTS, env=environment, capture_output=True, text=True, encoding="utf-8")
        if done.returncode:
            raise ExtensionError(f"{script.name} failed:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
        text.write_text(done.stdout, encoding="utf-8")


class Example(SphinxDirective):
    """Figures, script and output of the example that the argument names."""

    required_arguments = 1

    def run(self):
        name = self.arguments[0]
        script = EXAMPLES / f"{name}.py"
        self.env.note_dependency(str(script))
        the_script, prints, missing = WORDS["ko" if self.env.docname.startswith("ko/") else "en"]
        found = []
        for ending in ("png", "gif"):
            if (RESULTS / f"{name}.{ending}").exists():
                image = nodes.image(uri=f"/_results/{name}.{ending}", alt=name)
                found.append(nodes.figure("", image))
        source = script.read_text(encoding="utf-8")
        if not found and f"{name}.png" in source:
            found.append(nodes.note("", nodes.paragraph(text=missing)))
        printed = (RESULTS / f"{name}.txt").read_text(encoding="utf-8").rstrip().splitlines()
        shown = "\n".join((["..."] if len(printed) > LINES else []) + printed[-LINES:])
        for title, text, language in ((prints, shown, "text"), (the_script, source, "python")):
            block = nodes.literal_block(text, text, language=language)
            found += [nodes.rubric(text=title), block]
        return found


def setup(app):
    app.connect("builder-inited", run_examples)
    app.add_directive("example", Example)
    return {"parallel_read_safe": True}

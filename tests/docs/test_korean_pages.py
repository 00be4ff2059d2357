"""The Korean pages say what the English ones say: the same sections, tables, code, commands and figures."""

import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).parents[2]
PAIRS = {"README.md": "README.ko.md"} | {
    str(page.relative_to(ROOT)): str(page.relative_to(ROOT)).replace("docs", "docs/ko", 1)
    for page in sorted((ROOT / "docs").rglob("*.md"))
    # api.md is made from docstrings; index.md is two tables of contents
    if "ko" not in page.parts and page.name not in ("api.md", "index.md")
}
if not (ROOT / "docs").exists():
    pytest.skip("the documentation is not part of an installed package", allow_module_level=True)
MORE_HEADINGS = {"docs/installation.md": 1}  # fonts for Korean text in figures
_FENCED = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)


def read(name):
    path = ROOT / name
    assert path.exists(), f"there is no {name}"
    text = path.read_text(encoding="utf-8")
    return _FENCED.sub("", text), _FENCED.findall(text)


def table_rows(text):
    """The cells of each row of each table."""
    return [line.strip("| ").split("|") for line in text.splitlines() if line.startswith("|")]


def plain_code(block):
    """Lines of code without comments, translated texts and the choice of the language."""
    lines = [re.sub(r"\s*#.*", "", line) for line in block.splitlines()]
    lines = [line.replace(', language="ko"', "") for line in lines]
    return [re.sub(r'(f?)"[^"]*[^\x00-\x7f][^"]*"', r'\1"..."', line) for line in lines]


def numbers(text):
    return sorted(re.findall(r"\d+(?:[.,]\d+)*", text))


@pytest.mark.parametrize(("english", "korean"), PAIRS.items())
def test_sections_are_the_same(english, korean):
    levels = [[len(mark) for mark in re.findall(r"^(#+) ", read(name)[0], re.MULTILINE)] for name in (english, korean)]
    assert len(levels[0]) >= 1
    more = MORE_HEADINGS.get(english, 0)
    assert levels[0] == levels[1][: len(levels[1]) - more], f"headings of {english} and {korean}"


@pytest.mark.parametrize(("english", "korean"), PAIRS.items())
def test_code_is_the_same(english, korean):
    blocks = [read(name)[1] for name in (english, korean)]
    assert len(blocks[0]) == len(blocks[1]), f"blocks of code in {english} and {korean}"
    for one, other in zip(*blocks, strict=True):
        for a, b in zip(plain_code(one), plain_code(other), strict=True):
            if '"..."' in b:  # a translated text: what stands around it
                b = re.escape(b).replace(re.escape('"..."'), '"[^"]*"')
                assert re.fullmatch(b, a), f"{korean}: {b}\nbut {english}: {a}"
            else:
                assert a == b, f"{korean} differs from {english}"


@pytest.mark.parametrize(("english", "korean"), PAIRS.items())
def test_tables_have_the_same_rows_and_figures(english, korean):
    rows = [table_rows(read(name)[0]) for name in (english, korean)]
    assert len(rows[0]) == len(rows[1]), f"rows of the tables in {english} and {korean}"
    for one, other in zip(*rows, strict=True):
        assert len(one) == len(other), f"{korean}: {other}\nbut {english}: {one}"
        for a, b in zip(one, other, strict=True):
            if re.fullmatch(r"[\s\d.,%*()x×-]+", a):  # a cell of figures
                assert a.strip() == b.strip(), f"{korean}: {other}\nbut {english}: {one}"


@pytest.mark.parametrize("page", ["README.md", "docs/measurements.md"])
def test_commands_and_figures_of_the_text_are_the_same(page):
    """Where claims are made, each command and each measured number stands in both languages."""
    texts = [read(name)[0] for name in (page, PAIRS[page])]
    commands = [
        sorted(set(re.findall(r"`((?:fastnn|make|python|pip|pytest|PYTHON)\b[^`]*)`", " ".join(text.split()))))
        for text in texts
    ]
    assert commands[0] == commands[1]
    missing = set(numbers(texts[0])) - set(numbers(texts[1]))
    assert not missing, f"figures of {page} that {PAIRS[page]} lacks"

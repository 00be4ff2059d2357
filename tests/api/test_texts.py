"""The progress bar and the summary print what Keras prints, character for character."""

import io
import json
import pathlib
import sys

import make_texts as MAKER
import pytest

from fastnn.progress import Progbar, print_msg
from fastnn.summary import LayerRow, Size, layer_bounds, print_summary, readable_size, summary_text

GOLDEN_DIR = pathlib.Path(__file__).parents[1] / "golden"
GOLDEN = json.loads((GOLDEN_DIR / "texts.json").read_text(encoding="utf-8"))


def row_of(data):
    nested = tuple(map(row_of, data["nested"]))
    return LayerRow(**{**data, "connected_to": tuple(data["connected_to"]), "nested": nested})


def summary_of(model, encoding="utf-8", **options):
    sizes = [model[key] and Size(*model[key]) for key in ("trainable", "non_trainable", "optimizer")]
    return summary_text(
        model["name"],
        [row_of(row) for row in model["rows"]],
        *sizes,
        ascii_only=encoding == "ascii",
        **options,
    )


def stdout_of_encoding(monkeypatch, encoding):
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="")
    monkeypatch.setattr(sys, "stdout", stream)
    return lambda: stream.buffer.getvalue().decode(encoding)


SUMMARIES = [
    pytest.param(entry["model"], case["options"], case["text"], id=f"{entry['label']} {case['options']}")
    for entry in GOLDEN["summaries"]
    for case in entry["prints"]
]


@pytest.mark.parametrize("case", MAKER.progbar_cases(), ids=lambda case: case["name"])
def test_progbar_text(case):
    assert MAKER.play(case, Progbar) == GOLDEN["progbars"][case["name"]]


@pytest.mark.parametrize(("model", "options", "text"), SUMMARIES)
def test_summary_text(model, options, text):
    assert summary_of(model, **options).split("\n") == text


def test_golden_file_is_what_keras_prints():
    pytest.importorskip("keras")
    assert json.loads(json.dumps(MAKER.make_golden())) == GOLDEN


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "euc_kr"])
def test_bar_falls_back_to_the_encoding(monkeypatch, encoding):
    written = stdout_of_encoding(monkeypatch, encoding)
    bar = Progbar(10, width=10, clock=lambda: 0.0)
    bar.update(4, [("精度", 0.5)])
    full, empty = ("━", "━") if encoding == "euc_kr" else ("=", ".")
    name = "精度" if encoding == "euc_kr" else "??"
    assert f"\x1b[32m{full * 4}\x1b[0m\x1b[37m{empty * 6}\x1b[0m" in written()
    assert written().endswith(f" - {name}: 0.5000")


def test_print_msg_looks_stdout_up_at_call_time(monkeypatch, capsys):
    print_msg("Epoch 1/2")
    assert capsys.readouterr().out == "Epoch 1/2\n"
    monkeypatch.setattr(sys, "stdout", None)
    print_msg("nobody listens")


@pytest.mark.skipif("posix" not in sys.modules, reason="Keras decides by this module")
def test_file_gets_control_codes_on_posix(capsys):
    Progbar(1).update(1)
    assert capsys.readouterr().out.startswith("\r\x1b[1m1/1\x1b[0m")


def test_redraw_waits_for_the_interval(capsys):
    now = [0]
    bar = Progbar(1000, interval=50, clock=lambda: now[0])
    drawn = []
    for step in range(1, 201):
        now[0] = step
        bar.update(step)
        if capsys.readouterr().out:
            drawn.append(step)
    assert drawn == [1, 51, 101, 151]


def test_metrics_cannot_be_both_stateful_and_stateless():
    with pytest.raises(ValueError, match="Only one of"):
        Progbar(1, stateful_metrics=["a"], stateless_metrics=["b"])


@pytest.mark.parametrize(
    ("nbytes", "text"),
    [(0, "0.00 B"), (1023, "1023.00 B"), (1024, "1.00 KB"), (318040, "310.59 KB"), (2.0**60, "1024.00 PB")],
)
def test_readable_size(nbytes, text):
    assert readable_size(nbytes) == text


def test_print_summary_goes_to_stdout_or_print_fn(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    model = ("m", [LayerRow("long_" * 20, "Dense", (None, 1), 2)], Size(2, 8), Size(0, 0))
    written = stdout_of_encoding(monkeypatch, "ascii")
    print_summary(*model)
    assert written().startswith('Model: "m"\n+---')
    texts = []
    print_summary(*model, print_fn=texts.append)
    assert len(texts) == 1
    assert texts[0].replace("…", ".") == written()


def test_wide_characters_keep_the_table_straight():
    rows = [LayerRow("隠れ層" * 8, "Dense", (None, 1), 2), LayerRow("出力", "Dense", (None, 1), 2)]
    lines = summary_text("模型", rows, Size(4, 16), Size(0, 0)).split("\n")
    assert lines[4] == "│ " + "隠れ層" * 5 + "… │ (None, 1)              │             2 │"
    assert lines[7] == "│ 出力 (Dense)                    │ (None, 1)              │             2 │"


@pytest.mark.parametrize("layer_range", [["a"], ["a", 1], ["a", "missing"]])
def test_layer_range_must_name_two_layers(layer_range):
    with pytest.raises(ValueError, match=r"layer_range|layer_names"):
        layer_bounds(["a", "b"], layer_range)


@pytest.mark.parametrize("options", [{"columns": 18}, {"positions": [0.2, 0.8, 1.0], "line_length": 20}])
def test_too_narrow_terminal(options):
    with pytest.raises(ValueError, match="Insufficient console width"):
        summary_text("m", [], Size(0, 0), Size(0, 0), show_trainable=True, **options)


@pytest.mark.parametrize("columns", [0, 1, 2])
def test_any_text_fits_any_terminal(columns):
    text = summary_text("  模型 a", [], Size(0, 0), Size(0, 0), columns=columns, line_length=60)
    assert text.endswith("\n")


def test_positions_must_cover_the_columns():
    with pytest.raises(ValueError, match="positions"):
        summary_text("m", [], Size(0, 0), Size(0, 0), positions=[0.5, 1.0])

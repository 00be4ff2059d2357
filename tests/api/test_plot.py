"""Figures: what is drawn (data of lines, texts, colours), in both languages, with nothing of matplotlib's changed."""

import matplotlib
import numpy as np
import pytest

import fastnn
from fastnn import plot
from fastnn.optimizers import SGD, descend
from fastnn.plot import style

matplotlib.use("Agg")
from matplotlib import pyplot

HISTORY = {"loss": [3.0, 2.0, 1.0], "val_loss": [3.0, 1.5, 2.5], "accuracy": [0.1, 0.2, 0.3]}


@pytest.fixture(autouse=True)
def nothing_changed(monkeypatch):
    """Settings of matplotlib are as before; figures are closed."""
    for name in ("FASTNN_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    before = dict(matplotlib.rcParams)
    yield
    pyplot.close("all")
    assert dict(matplotlib.rcParams) == before


@pytest.fixture
def ax():
    return matplotlib.figure.Figure().subplots()


@pytest.fixture
def hangul(monkeypatch):
    """As if a font with Hangul were installed."""
    monkeypatch.setattr(style, "korean_font", lambda: "DejaVu Sans Mono")


def texts(ax):
    return [text.get_text() for text in ax.findobj(matplotlib.text.Text) if text.get_text()]


def lines(ax):
    return {line.get_label(): line for line in ax.lines}


def test_history_draws_training_and_validation(ax):
    assert plot.history(HISTORY, ax=ax) is ax
    found = lines(ax)
    assert found["training"].get_ydata().tolist() == [3, 2, 1]
    assert found["validation"].get_ydata().tolist() == [3, 1.5, 2.5]
    assert found["training"].get_xdata().tolist() == [1, 2, 3]
    assert found["training"].get_color() == found["validation"].get_color()
    (best,) = [line for name, line in found.items() if name.startswith("best")]
    assert best.get_xydata().tolist() == [[2, 1.5]]
    assert ax.get_xlabel() == "epoch" and ax.get_ylabel() == "loss"
    assert not pyplot.get_fignums()


def test_histories_are_compared_in_one_figure(ax):
    plot.history(HISTORY, "accuracy", ax=ax, label="one")
    plot.history(HISTORY, "accuracy", ax=ax, label="two")
    plot.history(HISTORY, "val_loss", ax=ax, label="three")
    found = lines(ax)
    assert set(found) == {"one, training", "two, training", "three, validation"}
    assert len({line.get_color() for line in found.values()}) == 3


def test_history_of_a_fit(blobs):
    x, y = blobs
    model = fastnn.Sequential([fastnn.Input((4,)), fastnn.layers.Dense(3, "softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy")
    history = model.fit(x, y, epochs=6, validation_split=0.2, validation_freq=3, verbose=0)
    found = lines(plot.history(history))
    assert found["training"].get_ydata().tolist() == history.history["loss"]
    assert found["validation"].get_xdata().tolist() == [3, 6]


def test_history_errors():
    with pytest.raises(ValueError, match=r"no 'auc'.*accuracy, loss"):
        plot.history(HISTORY, "auc")
    with pytest.raises(TypeError, match="what fit returned"):
        plot.history([1, 2])


def test_confusion_matrix_counts(ax):
    probabilities = np.array([[0.9, 0.1, 0], [0.2, 0.3, 0.5], [0, 1, 0], [0, 0.4, 0.6]])
    plot.confusion_matrix([0, 1, 1, 2], probabilities, ["a", "b", "c"], ax=ax)
    numbers = {text.get_position(): text.get_text() for text in ax.texts}
    assert numbers[0, 0] == numbers[1, 1] == numbers[2, 1] == numbers[2, 2] == "1"  # (column, row)
    assert sum(map(int, numbers.values())) == 4
    assert ax.get_title() == "accuracy 75.0%"
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a", "b", "c"]
    assert ax.images[0].get_array().tolist() == [[1, 0, 0], [0, 0.5, 0.5], [0, 0, 1]]


def test_confusion_matrix_takes_one_hot_and_a_single_column(ax):
    plot.confusion_matrix(np.eye(2)[[0, 1, 1]], np.array([[0.2], [0.9], [0.4]]), ax=ax)
    assert ax.get_title() == "accuracy 66.7%"


def test_confusion_matrix_errors():
    with pytest.raises(ValueError, match="as many rows, got 2 and 3"):
        plot.confusion_matrix([0, 1], [0, 1, 1])
    with pytest.raises(ValueError, match="at least 3, got 2"):
        plot.confusion_matrix([0, 2], [0, 1], ["a", "b"])
    with pytest.raises(ValueError, match="start from 0"):
        plot.confusion_matrix([0, -1], [0, 1])


def test_decision_boundary_of_one_output(ax):
    x, y = np.array([[0, 0], [0, 1], [1, 0], [1, 1.0]]), [0, 0, 1, 1]
    plot.decision_boundary(lambda rows: (rows[:, :1] > 0.5) * 1.0, x, y, ax=ax, steps=50)
    shade = ax.images[0].get_array()
    assert (shade[:, :25] == 0).all() and (shade[:, 25:] == 1).all()
    (boundary,) = [path for path in ax.collections[0].get_paths() if len(path.vertices)]
    assert np.allclose(boundary.vertices[:, 0], 0.5, atol=0.02)
    assert lines(ax)["1"].get_xydata().tolist() == [[1, 0], [1, 1]]


def test_decision_boundary_of_a_model(ax, blobs):
    x, y = blobs[0][:, :2], blobs[1]
    model = fastnn.Sequential([fastnn.Input((2,)), fastnn.layers.Dense(3, "softmax")])
    plot.decision_boundary(model, x, y, ax=ax, steps=20, class_names=["a", "b", "c"])
    regions = ax.collections[0].get_array().reshape(20, 20)
    across, up = np.linspace(*ax.get_xlim(), 20), np.linspace(*ax.get_ylim(), 20)
    expected = model.predict([[across[3], up[17]]], verbose=0).argmax()
    assert regions[17, 3] == expected
    assert len(np.unique(regions)) > 1
    assert set(lines(ax)) == {"a", "b", "c"}
    with pytest.raises(ValueError, match=r"expected shape \(n, 2\)"):
        plot.decision_boundary(model, blobs[0], y)


def test_weights_are_the_columns_of_the_kernel(ax):
    kernel = np.arange(8.0).reshape(4, 2)
    plot.weights(kernel, names=["zero", "one"], ax=ax)
    assert [image.get_array().tolist() for image in ax.images] == [[[0, 2], [4, 6]], [[1, 3], [5, 7]]]
    assert [text.get_text() for text in ax.texts] == ["zero", "one"]


def test_weights_of_a_layer(ax):
    layer = fastnn.layers.Dense(6)
    with pytest.raises(ValueError, match="build the model first"):
        plot.weights(layer)
    layer.build((None, 12))
    plot.weights(layer, image_shape=(3, 4), count=2, ax=ax)
    kernel = layer.get_weights()[0]
    largest = np.argsort(-(kernel**2).sum(axis=0))[:2]
    assert np.allclose(ax.images[1].get_array(), kernel[:, largest[1]].reshape(3, 4))
    with pytest.raises(ValueError, match="no image of shape"):
        plot.weights(layer)


def test_mistakes_are_the_surest_first(ax):
    images = np.arange(4 * 4).reshape(4, 2, 2)
    probabilities = [[0.6, 0.4], [0.1, 0.9], [0.2, 0.8], [0.7, 0.3]]
    plot.mistakes(images, [1, 1, 0, 0], probabilities, ax=ax)
    assert [text.get_text() for text in ax.texts] == ["1 (80%)\ntrue 0", "0 (60%)\ntrue 1"]
    assert ax.images[0].get_array().tolist() == images[2].tolist()
    assert ax.get_title(loc="left") == "2 / 4 wrong"


def test_no_mistakes(ax):
    plot.mistakes(np.zeros((2, 4)), [0, 1], [0, 1], ax=ax)
    assert texts(ax) == ["no mistakes"]
    with pytest.raises(ValueError, match="as many rows, got 2, 1, 2"):
        plot.mistakes(np.zeros((2, 4)), [0], [0, 1])


def bowl(x, y):
    return x**2 + y**2


PATHS = {"short": [[1, 1], [0.5, 0.5]], "long": [[1, 1], [0.5, 0.2], [0.1, 0.0]]}


@pytest.mark.parametrize("three_d", [False, True])
def test_optimizer_paths(three_d):
    ax = plot.optimizer_paths(bowl, PATHS, three_d=three_d, goal=(0, 0), xlim=(-2, 2), ylim=(-2, 2))
    assert (ax.name == "3d") is three_d
    trail = lines(ax)["long"]
    assert np.array(trail.get_data_3d() if three_d else trail.get_data())[:2].T.tolist() == PATHS["long"]
    if three_d:
        assert np.allclose(trail.get_data_3d()[2], bowl(*np.array(PATHS["long"]).T), atol=0.1)
    assert {"short", "long", "start"} <= set(lines(ax))


def test_paths_grow_in_the_animation(tmp_path, ax):
    animation = plot.animate_paths(bowl, PATHS, ax=ax)
    animation.save(tmp_path / "paths.gif", writer="pillow")
    assert lines(ax)["long"].get_xydata().tolist() == PATHS["long"]
    assert ax.get_title() == "step 2"
    from PIL import Image

    with Image.open(tmp_path / "paths.gif") as image:
        assert image.n_frames == 3


def test_paths_errors():
    with pytest.raises(ValueError, match=r"'one'.*shape"):
        plot.optimizer_paths(bowl, {"one": [1, 2]})
    with pytest.raises(ValueError, match="at least one"):
        plot.optimizer_paths(bowl, {})


def test_korean_where_a_font_is(ax, hangul, monkeypatch):
    plot.history(HISTORY, ax=ax, language="ko")
    assert ax.get_xlabel() == "에포크" and ax.get_ylabel() == "손실"
    assert "학습" in texts(ax)
    assert ax.xaxis.label.get_fontfamily()[-1] == "DejaVu Sans Mono"
    monkeypatch.setenv("LANG", "ko_KR.UTF-8")
    assert plot.history(HISTORY).get_xlabel() == "에포크"
    monkeypatch.setenv("FASTNN_LANG", "en")
    assert plot.history(HISTORY).get_xlabel() == "epoch"
    assert plot.confusion_matrix([0, 1], [0, 1], ["가", "나"]).get_xticklabels()[0].get_fontfamily()[-1] != "sans-serif"


def test_english_where_none_is(ax, monkeypatch):
    monkeypatch.setattr(style, "korean_font", lambda: None)
    assert plot.history(HISTORY, ax=ax, language="ko").get_xlabel() == "epoch"
    with pytest.raises(ValueError, match="'en' or 'ko'"):
        plot.history(HISTORY, ax=ax, language="fr")


def test_every_name_is_there():
    assert all(callable(getattr(plot, name)) for name in plot.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = plot.nonsense


def test_descend_takes_the_optimizers_steps():
    path = descend(lambda w: 2 * w, [1.0, -2.0], SGD(0.25), steps=3)
    assert path.tolist() == [[1, -2], [0.5, -1], [0.25, -0.5], [0.125, -0.25]]
    momentum = descend(lambda w: w, 1.0, SGD(0.1, momentum=0.5), steps=2)[:, 0]
    assert np.allclose(momentum, [1, 0.9, 0.76])  # m = -0.1, then 0.5 (-0.1) - 0.09
    runaway = descend(lambda w: 1e200 * w, [1.0], SGD(1.0), steps=10)
    assert np.isfinite(runaway).all() and len(runaway) == 2


def test_descend_errors():
    with pytest.raises(ValueError, match="finite numbers"):
        descend(lambda w: w, [np.nan])
    with pytest.raises(ValueError, match=r"shape \(2,\), got \(1,\)"):
        descend(lambda w: w[:1], [1, 2])
    with pytest.raises(ValueError, match="unknown optimizer"):
        descend(lambda w: w, [1], "sgdd")


@pytest.fixture
def small_model(blobs):
    """A net and the trace of one of its steps."""
    model = fastnn.Sequential([fastnn.Input((4,)), fastnn.layers.Dense(12, "relu", name="hidden"),
                               fastnn.layers.Dropout(0.2), fastnn.layers.Dense(3, "softmax", name="out")])  # fmt: skip
    model.compile("sgd", "sparse_categorical_crossentropy")
    return model, model.trace(*blobs)


def test_network(ax, small_model):
    model, _ = small_model
    assert plot.network(model, most=6, ax=ax) is ax
    assert [len(points.get_offsets()) for points in ax.collections] == [4, 6, 3]
    assert len(ax.lines) == 4 * 6 + 6 * 3
    assert {"input\n4", "hidden\n12", "out\n3", "\u22ee"} == {text.get_text() for text in ax.texts}
    kernel = model.get_layer("hidden").get_weights()[0]
    assert (ax.lines[0].get_color() == style.BLUE) == (kernel[0, 0] >= 0)
    with pytest.raises(ValueError, match="build the model first"):
        plot.network(fastnn.Sequential([fastnn.layers.Dense(3)]), ax=ax)
    with pytest.raises(ValueError, match="at least 2"):
        plot.network(model, most=1, ax=ax)


def test_histograms(ax, small_model, hangul):
    _, trace = small_model
    assert plot.activation_histograms(trace, ax=ax) is ax
    assert [label.get_text().split()[0] for label in ax.get_yticklabels()] == ["A2", "A1"]
    assert f"std {trace['A1'].std():.2g}" in ax.get_yticklabels()[1].get_text()
    ax = plot.gradient_histograms(trace, language="ko")
    assert [label.get_text().split()[0] for label in ax.get_yticklabels()] == ["dW2", "dW1"]
    assert ax.get_xlabel() == "기울기"
    with pytest.raises(ValueError, match="the trace has no gradients of a dense layer; it has X"):
        plot.gradient_histograms({"X": trace["X"]}, ax=ax)

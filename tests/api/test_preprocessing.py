"""Sequences and texts as rows, random arrays, and settings of ``keras.config``: what Keras has, with Keras' results."""

import logging

import numpy as np
import pytest

import fastnn as keras
from fastnn import config, layers
from fastnn.preprocessing.sequence import pad_sequences
from fastnn.preprocessing.text import Tokenizer, one_hot, text_to_word_sequence


def test_pad_sequences():
    rows = [[1], [2, 3], [4, 5, 6]]
    assert pad_sequences(rows).tolist() == [[0, 0, 1], [0, 2, 3], [4, 5, 6]]
    assert pad_sequences(rows, maxlen=2, padding="post", value=9).tolist() == [[1, 9], [2, 3], [5, 6]]
    assert pad_sequences(rows, maxlen=2, truncating="post").tolist() == [[0, 1], [2, 3], [4, 5]]
    assert pad_sequences([[[1, 2]], [[3, 4], [5, 6]]], dtype="float32").shape == (2, 2, 2)
    assert pad_sequences([[], [1]]).tolist() == [[0], [1]]
    assert keras.utils.pad_sequences is pad_sequences
    with pytest.raises(ValueError, match="padding must be 'pre' or 'post', got 'left'"):
        pad_sequences(rows, padding="left")
    with pytest.raises(ValueError, match="list of sequences"):
        pad_sequences([1, 2])


TEXTS = ["The cat sat on the mat.", "The dog sat, too!", "cat"]


def test_tokenizer():
    tokenizer = Tokenizer(num_words=4)
    tokenizer.fit_on_texts(TEXTS)
    assert tokenizer.word_index == {"the": 1, "cat": 2, "sat": 3, "on": 4, "mat": 5, "dog": 6, "too": 7}
    assert tokenizer.word_docs["the"] == 2
    assert tokenizer.word_counts["the"] == 3
    assert tokenizer.texts_to_sequences(["the dog sat", "cat cat"]) == [[1, 3], [2, 2]]
    assert tokenizer.sequences_to_texts([[1, 3], [2, 99]]) == ["the sat", "cat"]
    assert tokenizer.texts_to_matrix(["the cat cat"]).tolist() == [[0, 1, 1, 0]]
    assert tokenizer.texts_to_matrix(["the cat cat"], mode="count").tolist() == [[0, 1, 2, 0]]
    np.testing.assert_allclose(tokenizer.texts_to_matrix(["the cat cat"], mode="freq"), [[0, 1 / 3, 2 / 3, 0]])
    expected = [0, np.log(1 + 3 / 3), (1 + np.log(2)) * np.log(1 + 3 / 3), 0]
    np.testing.assert_allclose(tokenizer.texts_to_matrix(["the cat cat"], mode="tfidf"), [expected])
    unknown = Tokenizer(oov_token="<OOV>")
    unknown.fit_on_texts(TEXTS)
    assert unknown.texts_to_sequences(["the bird"]) == [[2, 1]]
    letters = Tokenizer(char_level=True)
    letters.fit_on_texts(["abb"])
    assert letters.word_index == {"b": 1, "a": 2}
    assert Tokenizer(num_words=4).sequences_to_matrix([[1, 3, 7]]).tolist() == [[0, 1, 0, 1]]
    with pytest.raises(ValueError, match="mode must be"):
        tokenizer.texts_to_matrix(TEXTS, mode="all")
    with pytest.raises(ValueError, match="num_words"):
        Tokenizer().sequences_to_matrix([[1]])


def test_words():
    assert text_to_word_sequence("Hello, big World") == ["hello", "big", "world"]
    assert one_hot("a b a", 50) == one_hot("a b a", 50)
    assert len(set(one_hot("a b a", 50))) == 2
    with pytest.raises(AttributeError, match="read images with Pillow"):
        keras.preprocessing.image  # noqa: B018


def test_random_arrays():
    draw = keras.random
    keras.utils.set_random_seed(1)
    first, second = draw.normal((200, 50), mean=1.0, stddev=2.0), draw.normal((200, 50))
    assert abs(first.numpy().mean() - 1) < 0.1
    assert abs(first.numpy().std() - 2) < 0.1
    assert first.dtype == np.float32
    assert not np.array_equal(first, second)
    assert np.array_equal(draw.normal((3,), seed=4), draw.normal((3,), seed=4))
    generator = draw.SeedGenerator(4)
    assert not np.array_equal(draw.normal((3,), seed=generator), draw.normal((3,), seed=generator))
    assert abs(draw.truncated_normal((1000,)).numpy()).max() < 2
    even = draw.uniform((1000,), minval=2, maxval=3).numpy()
    assert even.min() >= 2
    assert 2.9 < even.max() < 3
    whole = draw.randint((1000,), 0, 4).numpy()
    assert whole.dtype == np.int32
    assert set(whole.tolist()) == {0, 1, 2, 3}
    assert sorted(draw.shuffle(np.arange(9)).numpy().tolist()) == list(range(9))
    drawn = draw.categorical(np.log([[0.9, 0.1, 1e-9]]), 500).numpy()
    assert drawn.shape == (1, 500)
    assert 0.8 < (drawn == 0).mean() < 0.97
    dropped = draw.dropout(np.ones((1000,), "float32"), 0.25).numpy()
    assert set(np.unique(dropped).tolist()) == {0.0, np.float32(1 / 0.75)}


def test_settings():
    assert config.backend() == "fastnn"
    config.set_image_data_format("channels_last")
    with pytest.raises(ValueError, match="image_data_format can only be 'channels_last'"):
        config.set_image_data_format("channels_first")
    with pytest.raises(ValueError, match="epsilon can only be"):
        config.set_epsilon(1e-3)
    with pytest.raises(ValueError, match="never runs code"):
        config.enable_unsafe_deserialization()
    with pytest.raises(ValueError, match="'mixed_float16' is not supported"):
        keras.mixed_precision.set_global_policy("mixed_float16")
    with config.use_floatx(None):
        keras.mixed_precision.set_global_policy("float64")
        assert config.dtype_policy() == config.floatx() == "float64"


def test_logging_instead_of_printing(capsys, caplog):
    model = keras.Sequential([keras.Input((1,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    keras.utils.disable_interactive_logging()
    try:
        assert not keras.utils.is_interactive_logging_enabled()
        with caplog.at_level(logging.INFO, logger="fastnn"):
            model.fit(np.ones((4, 1)), np.ones((4, 1)), verbose=2)
    finally:
        keras.utils.enable_interactive_logging()
    assert capsys.readouterr().out == ""
    assert any("loss: " in record.getMessage() for record in caplog.records)


def test_bases_at_the_top():
    assert keras.Layer is layers.Layer
    assert keras.Metric is keras.metrics.Metric
    assert keras.Loss is keras.losses.Loss
    assert keras.Optimizer is keras.optimizers.Optimizer


def test_arguments_of_other_layers():
    with pytest.raises(NotImplementedError, match="ActivityRegularization"):
        layers.Flatten(activity_regularizer="l2")
    layers.Flatten(activity_regularizer=None, autocast=True)
    with pytest.raises(ValueError, match="lora_rank=4 is not supported"):
        layers.Dense(3, lora_rank=4)

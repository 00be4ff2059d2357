"""The table of docs/lecture_map.md: every section of the lecture notes, its result and its run time beside Keras'.

Each task is written once, with Keras' names, and run in two processes, one with fastnn and one with Keras 3, in turns.
What is timed is `fit` (all of it, as a student waits for it: Keras' tracing of the first step is part of it).

    python benchmarks/lecture_map.py --keras-python /path/to/python        measures, writes the JSON file and the pages
    python benchmarks/lecture_map.py --pages-only                          writes the pages from the JSON file

Without --keras-python only fastnn is measured. Fashion-MNIST is left out where it is not found.
"""

import argparse
import contextlib
import importlib
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
RESULTS = HERE / "lecture_map.json"
PAGES = {"en": HERE.parent / "docs" / "lecture_map.md", "ko": HERE.parent / "docs" / "ko" / "lecture_map.md"}
BEGIN, END = "<!-- table -->", "<!-- end of table -->"
ROUNDS, ENOUGH = 3, 20.0  # rounds of a task; no further one where a round took so many seconds


# --- Tasks: functions of the library and the data; each returns (seconds of fit, result) ---


def timed(model, *arrays, **fit):
    start = time.perf_counter()
    model.fit(*arrays, verbose=0, **fit)
    return time.perf_counter() - start


def dense(keras, inputs, hidden, outputs, activation, last, dropout=0.0):
    layers = [keras.layers.Input((inputs,))]
    for units in hidden:
        layers.append(keras.layers.Dense(units, activation=activation))
        if dropout:
            layers.append(keras.layers.Dropout(dropout))
    return keras.Sequential([*layers, keras.layers.Dense(outputs, activation=last)])


def classifier(keras, data, model, optimizer, **fit):
    x, y, x_test, y_test = data
    model.compile(optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    seconds = timed(model, x, y, **fit)
    return seconds, model.evaluate(x_test, y_test, verbose=0)[1]


SQUARE = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], "float32")


def gate(keras, load):
    """AND by one neuron."""
    y = np.array([[0], [0], [0], [1]], "float32")
    model = dense(keras, 2, [], 1, None, "sigmoid")
    model.compile(keras.optimizers.SGD(1.0), loss="binary_crossentropy", metrics=["accuracy"])
    return timed(model, SQUARE, y, batch_size=4, epochs=500), model.evaluate(SQUARE, y, verbose=0)[1]


def xor(keras, load):
    y = np.array([[0], [1], [1], [0]], "float32")
    model = dense(keras, 2, [8], 1, "sigmoid", "sigmoid")
    model.compile(keras.optimizers.SGD(0.5, momentum=0.9), loss="binary_crossentropy", metrics=["accuracy"])
    return timed(model, SQUARE, y, batch_size=4, epochs=1000), model.evaluate(SQUARE, y, verbose=0)[1]


def linear(keras, load):
    x = np.arange(1, 9, dtype="float32").reshape(8, 1)
    model = dense(keras, 1, [], 1, None, None)
    model.compile(keras.optimizers.SGD(0.01), loss="mse")
    seconds = timed(model, x, 2 * x, batch_size=1, epochs=300)
    return seconds, float(np.ravel(model.predict(np.array([[3.5]], "float32"), verbose=0))[0])


def batches(keras, load):
    """Stochastic descent, which takes 4,000 steps."""
    random = np.random.default_rng(0)
    x = random.uniform(-1, 1, (200, 1)).astype("float32")
    model = dense(keras, 1, [], 1, None, None)
    model.compile(keras.optimizers.SGD(0.1), loss="mse")
    y = (2 * x + 1 + random.normal(0, 0.5, x.shape)).astype("float32")
    return timed(model, x, y, batch_size=1, epochs=20), float(model.evaluate(x, y, verbose=0))


def mnist_softmax(keras, load):
    model = dense(keras, 784, [], 10, None, "softmax")
    return classifier(keras, load("mnist", 255), model, keras.optimizers.SGD(0.5), batch_size=128, epochs=10)


def mnist_sigmoid(keras, load):
    model = dense(keras, 784, [128] * 3, 10, "sigmoid", "softmax")
    return classifier(keras, load("mnist", 1), model, keras.optimizers.SGD(0.1), batch_size=32, epochs=10)


def mnist_relu(keras, load):
    model = dense(keras, 784, [128] * 5, 10, "relu", "softmax")
    return classifier(keras, load("mnist", 1), model, keras.optimizers.SGD(0.001), batch_size=32, epochs=10)


def mnist_dropout(keras, load):
    model = dense(keras, 784, [128], 10, "relu", "softmax", dropout=0.2)
    return classifier(keras, load("mnist", 255), model, "adam", batch_size=32, epochs=5)


def mnist_300_200_100(keras, load):
    x, y, *test = load("mnist", 255)
    model = dense(keras, 784, [300, 200, 100], 10, "relu", "softmax")
    return classifier(keras, (x[5000:], y[5000:], *test), model, "adam", batch_size=100, epochs=6)


def fashion(keras, load):
    x, y, *test = load("fashion", 255)
    model = dense(keras, 784, [256, 128], 10, "relu", "softmax", dropout=0.4)
    return classifier(keras, (x[:9600], y[:9600], *test), model, "adam", batch_size=64, epochs=20)


def iris(keras, load):
    model = dense(keras, 4, [30, 16], 3, "relu", "softmax")
    return classifier(keras, load("iris", 1), model, "adam", batch_size=1, epochs=100)


def overfitting(keras, load):
    x, y, *test = load("digits", 16)
    model = dense(keras, 64, [128, 128], 10, "relu", "softmax", dropout=0.5)
    return classifier(keras, (x[:300], y[:300], *test), model, "adam", batch_size=32, epochs=150)


def labels(keras, load):
    return classifier(keras, load("digits", 16), dense(keras, 64, [32], 10, "relu", "softmax"), "adam", epochs=15)


def scaling(keras, load):
    x = np.random.default_rng(0).uniform(0, 1, (600, 2)).astype("float32")
    y = (x.sum(axis=1, keepdims=True) > 1).astype("float32")
    model = dense(keras, 2, [], 1, None, "sigmoid")
    model.compile(keras.optimizers.SGD(1.0), loss="binary_crossentropy", metrics=["accuracy"])
    return timed(model, x[:400], y[:400], batch_size=20, epochs=40), model.evaluate(x[400:], y[400:], verbose=0)[1]


TASKS = (gate, xor, linear, batches, mnist_softmax, mnist_sigmoid, mnist_relu, mnist_dropout, mnist_300_200_100,
         fashion, iris, overfitting, labels, scaling)  # fmt: skip
TASKS = {task.__name__: task for task in TASKS}


# --- The worker: one library in a process of its own, told what to run line by line ---


def work(library, folder):
    keras = importlib.import_module(library)

    def load(name, divisor):
        with np.load(f"{folder}/{name}.npz") as file:
            x, y, x_test, y_test = (file[key] for key in ("x", "y", "x_test", "y_test"))
        return x.astype("float32") / np.float32(divisor), y, x_test.astype("float32") / np.float32(divisor), y_test

    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what the library prints is no answer
    print(json.dumps({"version": keras.__version__}), file=out, flush=True)
    for line in sys.stdin:
        name, seed = json.loads(line)
        keras.utils.set_random_seed(seed)
        seconds, result = TASKS[name](keras, load)
        print(json.dumps([seconds, float(result)]), file=out, flush=True)


class Worker:
    """The other end of ``work``."""

    def __init__(self, python, library, folder):
        environment = {**os.environ, "KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3"}
        command = [python, __file__, "--worker", library, "--data", folder]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        self.process = subprocess.Popen(command, **pipes, text=True, env=environment)
        self.version = json.loads(self.process.stdout.readline())["version"]

    def run(self, name, seed):
        print(json.dumps([name, seed]), file=self.process.stdin, flush=True)
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"the process for {name} ended with code {self.process.wait()}")
        return json.loads(line)

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def save_data(folder):
    """Data sets as .npz files, which both processes can read; returns the names of those there are."""
    from fastnn.datasets import digits, fashion_mnist, iris, mnist

    found = []
    for name, source in {"mnist": mnist, "iris": iris, "digits": digits, "fashion": fashion_mnist}.items():
        with contextlib.suppress(FileNotFoundError):
            (x, y), (x_test, y_test) = source.load_data()
            x, x_test = (array.reshape(len(array), -1) for array in (x, x_test))
            y, y_test = (array.astype("int32") for array in (y, y_test))
            np.savez(f"{folder}/{name}.npz", x=x, y=y, x_test=x_test, y_test=y_test)
            found.append(name)
    return found


def measure(keras_python, rounds, names):
    """Yield the results so far, after each task."""
    with tempfile.TemporaryDirectory() as folder:
        found = save_data(folder)
        workers = {"fastnn": Worker(sys.executable, "fastnn", folder)}
        if keras_python:
            workers["keras"] = Worker(keras_python, "keras", folder)
        results = {"versions": {name: worker.version for name, worker in workers.items()},
                   "machine": f"{platform.machine()}, {os.cpu_count()} CPUs", "load": 0.0, "tasks": {}}  # fmt: skip
        for name in names:
            if name == "fashion" and "fashion" not in found:
                continue
            runs = {library: [] for library in workers}
            for seed in range(1, rounds + 1):
                for library, worker in workers.items():
                    runs[library].append(worker.run(name, seed))
                if max(seconds for of_one in runs.values() for seconds, _ in of_one) > ENOUGH:
                    break
            results["tasks"][name] = {
                library: {
                    "seconds": round(statistics.median(seconds for seconds, _ in of_one), 4),
                    "result": round(statistics.mean(result for _, result in of_one), 5),
                    "runs": len(of_one),
                }
                for library, of_one in runs.items()
            }
            results["load"] = max(results["load"], round(os.getloadavg()[0], 1))
            print(name, results["tasks"][name], flush=True)
            yield results
        for worker in workers.values():
            worker.close()


# --- The pages ---

# fmt: off
SECTIONS = (
    # example, section in English and Korean, the notes' figure, what the example reaches, task of the run time
    ("01_perceptron", "Perceptron gates: AND", "퍼셉트론 게이트: AND", "100%", "{:.0%}", "gate"),
    ("01_perceptron", "Why XOR fails", "XOR이 안 되는 이유", "at most 75%", "75%", None),
    ("02_xor", "XOR with a hidden layer", "은닉층으로 XOR", "100%", "{:.0%}", "xor"),
    ("03_activations", "Activation functions, derivatives", "활성화 함수와 도함수", "sigmoid' ≤ 0.25", "0.25", None),
    ("04_losses", "Losses: BCE, a fair answer", "손실: BCE", "0.10729012273129139", "0.10729012273129139", None),
    ("04_losses", "Losses: BCE, a good answer", "손실: BCE", "0.03479600741200121", "0.03479600741200121", None),
    ("05_linear_regression", "Linear regression, at x = 3.5", "선형 회귀, x = 3.5", "7", "{:.3f}", "linear"),
    ("06_gradient_descent", "Gradient descent, learning rate", "경사 하강법, 학습률", "(1 - 2η)^k", "=", None),
    ("07_batch_sizes", "Batch, mini-batch, stochastic: MSE", "배치, 미니배치, 확률적: MSE", "", "{:.3f}", "batches"),
    ("08_optimizer_paths", "Saddle, plateau, optimizers", "안장점, 고원, 옵티마이저", "", "GIF", None),
    ("09_softmax_regression_mnist", "MNIST, softmax regression", "MNIST, 소프트맥스 회귀", "", "{:.2%}",
     "mnist_softmax"),
    ("10_mnist_mlp", "MNIST, sigmoid", "MNIST, 시그모이드", "83.2%", "{:.2%}", "mnist_sigmoid"),
    ("10_mnist_mlp", "MNIST, relu", "MNIST, ReLU", "95.2%", "{:.2%}", "mnist_relu"),
    ("10_mnist_mlp", "MNIST, dropout and Adam", "MNIST, 드롭아웃과 Adam", "97.73%", "{:.2%}", "mnist_dropout"),
    ("11_mnist_300_200_100", "MNIST, 300-200-100", "MNIST, 300-200-100", "", "{:.2%}", "mnist_300_200_100"),
    ("12_fashion_mnist", "Fashion-MNIST, overfitting", "Fashion-MNIST, 과적합", "", "{:.2%}", "fashion"),
    ("13_iris", "Iris, batch 1, 100 epochs", "붓꽃, 배치 1, 100 에포크", "", "{:.1%}", "iris"),
    ("14_vanishing_gradients", "Vanishing gradients", "기울기 소실", "", "4e-19 / 11", None),
    ("15_initialisation", "Initial weights", "가중치 초기화", "", "0.33 / 0.84", None),
    ("16_overfitting", "L1, L2, dropout", "L1, L2, 드롭아웃", "", "{:.1%}", "overfitting"),
    ("17_labels", "One-hot and integer labels", "원-핫과 정수 레이블", "", "{:.1%}", "labels"),
    ("18_min_max_scaling", "Min-max scaling", "최소-최대 스케일링", "", "{:.1%}", "scaling"),
    ("19_subclassing", "Subclassing", "서브클래싱", "", "=", None),
    ("20_own_layer", "A layer of one's own", "나만의 층", "", "=", None),
    ("40_appendix_faults", "Appendix: its faults", "부록: 코드의 오류", "", "=", None),
    ("41_appendix_training", "Appendix: backpropagation by hand", "부록: 손으로 하는 역전파", "", "=", None),
)
# fmt: on
BUSY = 3.0  # load average from which on the seconds are not to be trusted
NOTES = {
    "en": "*The machine was busy with other work while this was measured (load {load}): the seconds are too long, on "
          "both sides, and the ratios are rough.*",
    "ko": "*측정하는 동안 컴퓨터가 다른 일로 바빴습니다(부하 {load}). 양쪽의 초는 실제보다 길고, 비율은 어림값입니다.*",
}
HEADS = {
    "en": ("section", "example", "notes", "fastnn", "Keras", "fastnn, s", "Keras, s", "ratio"),
    "ko": ("절", "예제", "강의 노트", "fastnn", "Keras", "fastnn, 초", "Keras, 초", "비율"),
}


def table(results, language):
    rows = ["| " + " | ".join(HEADS[language]) + " |", "| --- " * len(HEADS[language]) + "|"]
    for example, english, korean, notes, shown, task in SECTIONS:
        if not (PAGES[language].parent / "examples" / f"{example}.md").exists():
            continue
        cells = [english if language == "en" else korean, f"[{example[:2]}](examples/{example}.md)", notes]
        measured = results["tasks"].get(task, {})
        ours, theirs = measured.get("fastnn"), measured.get("keras")
        cells.append(shown.format(ours["result"]) if ours else shown if task is None else "")
        cells.append(shown.format(theirs["result"]) if theirs else "")
        cells += [f"{side['seconds']:.3g}" if side else "" for side in (ours, theirs)]
        cells.append(f"{theirs['seconds'] / ours['seconds']:.3g}" if ours and theirs else "")
        rows.append("| " + " | ".join(cells) + " |")
    if results["load"] > BUSY:
        rows += ["", NOTES[language].format(**results)]
    return "\n".join(rows)


def write_pages(results):
    for language, page in PAGES.items():
        text = page.read_text(encoding="utf-8")
        before, _, rest = text.partition(BEGIN)
        after = rest.partition(END)[2]
        page.write_text(f"{before}{BEGIN}\n\n{table(results, language)}\n\n{END}{after}", encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--keras-python", help="interpreter of an environment with keras and tensorflow")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--tasks", nargs="*", default=list(TASKS), help=f"some of {', '.join(TASKS)}")
    parser.add_argument("--pages-only", action="store_true", help="write the pages from the JSON file")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    parser.add_argument("--data", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.worker:
        return work(arguments.worker, arguments.data)
    if not arguments.pages_only:
        # Tasks that are not measured anew keep their results, also where this run is cut short.
        known = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {"tasks": {}, "versions": {}}
        for results in measure(arguments.keras_python, arguments.rounds, arguments.tasks):
            whole = {**results, **{key: known[key] | results[key] for key in ("versions", "tasks")}}
            RESULTS.write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")
    return write_pages(json.loads(RESULTS.read_text(encoding="utf-8")))


if __name__ == "__main__":
    main()

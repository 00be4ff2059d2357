"""The faults of the appendix's code: what each does to training, beside the mended code.

Each function below is written as the notes have it. It takes the place of the right one in fastnn.appendix.numpy, the
same net is trained, and the gradients are compared with the right ones at the same weights.

Run it: python 40_appendix_faults.py        (writes 40_appendix_faults.png)
"""

import matplotlib.pyplot as plt
import numpy as np

import fastnn.appendix.numpy as notes
from fastnn.datasets import digits

RIGHT = {name: getattr(notes, name) for name in dir(notes) if callable(getattr(notes, name))}
SIZES, STEPS, RATE = [64, 32, 16, 10], 300, 0.3


def softmax_of_the_whole_matrix(Z):
    return np.exp(Z) / np.sum(np.exp(Z)), Z  # the sum runs over the samples too


def da_for_dA(dA, cache):
    dZ = np.array(da, copy=True)  # noqa: F821  there is no da
    dZ[cache <= 0] = 0
    return dZ


def cache_1_for_W(dA, cache, activation):
    linear_cache, Z = cache
    dZ = notes.relu_backward(dA, Z)
    _, dW, db = notes.linear_backward(dZ, linear_cache)
    return np.dot(cache[1].T, dZ), dW, db  # cache[1] is Z; W is cache[0][1]


def no_division_by_m(dZ, cache):
    A_prev, W, _ = cache
    return np.dot(W.T, dZ), np.dot(dZ, A_prev.T), np.sum(dZ, axis=1, keepdims=True)


def sigmoid_backward_in_hidden_layers(dA, cache):
    return notes.sigmoid_backward(dA, cache)  # the layers are ReLU


def log_of_0(AL, Y):
    with np.errstate(all="ignore"):
        return -np.sum(Y * np.log(AL)) / Y.shape[1]


FAULTS = {
    "right": {},
    "softmax over the whole matrix": {"softmax_function": softmax_of_the_whole_matrix},
    "da for dA": {"relu_backward": da_for_dA},
    "cache[1] where W is meant": {"linear_activation_backward": cache_1_for_W},
    "no division by m": {"linear_backward": no_division_by_m},
    "sigmoid_backward everywhere": {"relu_backward": sigmoid_backward_in_hidden_layers},
    "no forward_model": {"forward_model": None},
    "log of 0": {"compute_cost": log_of_0},
}


def use(functions):
    for name, function in {**RIGHT, **functions}.items():
        if function is None:
            delattr(notes, name)
        else:
            setattr(notes, name, function)


def gradients(parameters, X, Y):
    AL, caches = notes.forward_model(X, parameters)
    return notes.backward_model(AL, Y, caches)


def train(X, Y, scale):
    """Costs of each step, and the trained parameters. ``scale`` of the first weights: 0.01 in the notes."""
    parameters = notes.initialize_parameters(SIZES)
    parameters |= {name: value * scale / 0.01 for name, value in parameters.items()}
    costs = []
    for _ in range(STEPS):
        AL, caches = notes.forward_model(X, parameters)
        costs.append(notes.compute_cost(AL, Y))
        parameters = notes.update_parameters(parameters, notes.backward_model(AL, Y, caches), RATE)
    return costs, parameters


def main():
    (x, labels), (x_test, labels_test) = digits.load_data()
    x, labels = x[:600], labels[:600]
    X, X_test = x.reshape(-1, 64).T / 16, x_test.reshape(-1, 64).T / 16
    Y = np.eye(10)[labels].T
    use({})
    start = train(X[:, :50], Y[:, :50], 0.1)[1]  # weights at which no gradient is tiny
    right = gradients(start, X, Y)

    figure, ax = plt.subplots(figsize=(8, 4.5), layout="constrained")
    results = {}
    print(f"{'fault':32}{'error of dW1':>14}{'last cost':>12}{'test accuracy':>15}")
    for fault, functions in FAULTS.items():
        use(functions)
        try:
            with np.errstate(all="ignore"):
                error = abs(gradients(start, X, Y)["dW1"] - right["dW1"]).max() / abs(right["dW1"]).max()
                costs, parameters = train(X, Y, 0.1)
        except Exception as problem:
            results[fault] = type(problem).__name__
            print(f"{fault:32}{type(problem).__name__}: {str(problem).partition(';')[0]}")
            continue
        finally:
            use({})
        with np.errstate(all="ignore"):
            AL, _ = notes.forward_model(X_test, parameters)
        accuracy = float((AL.argmax(axis=0) == labels_test).mean())
        results[fault] = error, costs[-1], accuracy
        print(f"{fault:32}{error:14.1e}{costs[-1]:12.4f}{accuracy:15.1%}")
        line = "--" if fault == "log of 0" else "-"  # it lies on that of the right code
        ax.plot(costs, line, label=f"{fault} ({accuracy:.0%})")

    certain = np.array([[0.0], [1.0]])  # exp has rounded a probability to 0
    wrong = log_of_0(certain, np.array([[0.0], [1.0]]))
    print(f"log of 0: the cost of a net that is right and certain is {wrong}; mended it is "
          f"{notes.compute_cost(certain, np.array([[0.0], [1.0]]))}")  # fmt: skip
    ax.set(xlabel="step", ylabel="cost", yscale="log", title="The appendix's faults (test accuracy)")
    ax.legend(fontsize=8)
    figure.savefig("40_appendix_faults.png", dpi=110)

    assert results["right"][0] == 0 and results["right"][2] > 0.9
    assert results["da for dA"] == "NameError" and results["no forward_model"] == "AttributeError"
    assert results["cache[1] where W is meant"] == "IndexError" and np.isnan(wrong)
    for fault in ("softmax over the whole matrix", "no division by m", "sigmoid_backward everywhere"):
        assert results[fault][0] > 0.1 and not results[fault][2] > results["right"][2]


if __name__ == "__main__":
    main()

"""The appendix's three-layer net on MNIST: backpropagation written by hand, features-first, gradient descent.

The loop is the notes'. fastnn.appendix has its functions compiled; import fastnn.appendix.numpy instead, and the same
loop runs in plain NumPy with the same result.

Run it: python 41_appendix_training.py        (writes 41_appendix_training.png)
"""

import time

import matplotlib.pyplot as plt
import numpy as np

from fastnn.appendix import (
    backward_model,
    compute_cost,
    forward_model,
    initialize_parameters,
    update_parameters,
)
from fastnn.datasets import mnist

STEPS, LEARNING_RATE, BATCH = 800, 0.5, 512

(x, labels), (x_test, labels_test) = mnist.load_data()
X, X_test = x.reshape(-1, 784).T / 255, x_test.reshape(-1, 784).T / 255  # one column a sample
Y = np.eye(10)[labels].T

parameters = initialize_parameters([784, 128, 64, 10])
generator = np.random.default_rng(1)
costs, accuracies, start = [], [], time.perf_counter()
for step in range(1, STEPS + 1):
    batch = generator.integers(0, X.shape[1], BATCH)
    AL, caches = forward_model(X[:, batch], parameters)
    costs.append(compute_cost(AL, Y[:, batch]))
    grads = backward_model(AL, Y[:, batch], caches)
    parameters = update_parameters(parameters, grads, LEARNING_RATE)
    if step % 200 == 0:
        predicted = forward_model(X_test, parameters)[0].argmax(axis=0)
        accuracies.append((predicted == labels_test).mean())
        seconds = time.perf_counter() - start
        print(f"step {step:5}  cost {costs[-1]:.4f}  test accuracy {accuracies[-1]:.2%}  {seconds:.1f} s")

figure, axes = plt.subplots(1, 2, figsize=(10, 3.8), layout="constrained")
axes[0].plot(costs)
axes[0].set(xlabel="step", ylabel="cost", title="cost: flat at first, for the weights start at 0.01")
axes[1].plot(range(200, STEPS + 1, 200), accuracies, "o-")
axes[1].set(xlabel="step", ylabel="test accuracy", title=f"784-128-64-10: {accuracies[-1]:.1%}")
figure.savefig("41_appendix_training.png", dpi=110)
assert accuracies[-1] > 0.93

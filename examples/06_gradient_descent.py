"""Gradient descent in one and two dimensions, and what the learning rate does.

In one dimension f(w) = w² has the gradient 2w, and a step is w <- w - rate * 2w = (1 - 2 rate) w: it shrinks w while
0 < rate < 1, best of all with 1/2, jumps from side to side above that, and runs away beyond 1. In two dimensions
f = x²/20 + y² is a long valley: a rate that suits the steep direction crawls along the flat one.

Run it: python 06_gradient_descent.py        (writes 06_gradient_descent.png)
"""

import matplotlib.pyplot as plt
import numpy as np

from fastnn.optimizers import SGD, descend
from fastnn.plot import optimizer_paths

RATES = {"too small: 0.02": 0.02, "good: 0.3": 0.3, "zigzag: 0.9": 0.9, "runs away: 1.05": 1.05}


def valley(x, y):
    return x**2 / 20 + y**2


def slope_of_valley(point):
    x, y = point
    return np.array([x / 10, 2 * y])


figure, axes = plt.subplots(2, 4, figsize=(15, 7), layout="constrained")
w = np.linspace(-2.2, 2.2, 200)
for ax, (name, rate) in zip(axes[0], RATES.items(), strict=True):
    path = descend(lambda w: 2 * w, start=[-1.8], optimizer=SGD(rate), steps=10)[:, 0]
    ax.plot(w, w**2, color="#9A9A9A")
    ax.plot(path, path**2, "o-", color="#0072B2", markersize=5, linewidth=1)
    ax.plot(path[0], path[0] ** 2, "ko")
    ax.set(title=name, xlabel="w", ylim=(-0.4, 5), xlim=(-2.3, 2.3))
    print(f"f(w) = w², rate {rate}: w after 10 steps {path[-1]:9.5f}, expected {-1.8 * (1 - 2 * rate) ** 10:9.5f}")
    assert np.isclose(path[-1], -1.8 * (1 - 2 * rate) ** 10)
axes[0, 0].set_ylabel("f(w) = w²")

final = {}
for ax, (name, rate) in zip(axes[1], RATES.items(), strict=True):
    path = descend(slope_of_valley, start=[-8, 2], optimizer=SGD(rate), steps=30)
    final[rate] = valley(*path[-1])
    optimizer_paths(valley, {name: path}, ax=ax, xlim=(-10, 10), ylim=(-6, 6), levels=np.geomspace(0.05, 60, 14))
    ax.set(title=f"f = {final[rate]:.3g} after 30 steps", xlabel="x")
    ax.legend(loc="upper right")
    print(f"valley, rate {rate}: f after 30 steps {final[rate]:.4g}")
axes[1, 0].set_ylabel("f = x²/20 + y²")
figure.savefig("06_gradient_descent.png", dpi=110)
assert final[0.9] < final[0.3] < final[0.02] < valley(-8, 2) < final[1.05]

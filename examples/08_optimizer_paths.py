"""The ways of seven optimizers: a long valley, a saddle point, and a plateau.

Each point is a step of fastnn's own optimizer (``descend`` gives it the gradient of a function of two variables). In
the valley plain SGD crawls along the floor. Near a saddle the gradient is almost 0 though it is no minimum: what scales
its steps by past gradients (Adagrad, RMSprop, Adam, Nadam) leaves first. On a plateau the slope is tiny, and again
they go on.

Run it: python 08_optimizer_paths.py        (writes 08_optimizer_paths.png and 08_optimizer_paths.gif)
"""

import matplotlib.pyplot as plt
import numpy as np

from fastnn.optimizers import SGD, Adagrad, Adam, Nadam, RMSprop, descend
from fastnn.plot import animate_paths, optimizer_paths


def valley(x, y):
    return x**2 / 20 + y**2


def valley_slope(w):
    return np.array([w[0] / 10, 2 * w[1]])


def saddle(x, y):
    return x**2 - y**2


def saddle_slope(w):
    return np.array([2 * w[0], -2 * w[1]])


def plateau(x, y):
    return -np.exp(-(x**2 + y**2) / 2)  # a hole in a plain, flat far out


def plateau_slope(w):
    return w * np.exp(-(w @ w) / 2)


def walk(slope, start, steps, scale=1.0):
    """Paths by name; ``scale`` multiplies all learning rates."""
    optimizers = {
        "SGD": SGD(0.1 * scale),
        "Momentum": SGD(0.1 * scale, momentum=0.9),
        "NAG": SGD(0.1 * scale, momentum=0.9, nesterov=True),
        "Adagrad": Adagrad(1.5 * scale, initial_accumulator_value=0.0),
        "RMSprop": RMSprop(0.2 * scale),
        "Adam": Adam(0.3 * scale),
        "Nadam": Nadam(0.3 * scale),
    }
    return {name: descend(slope, start, optimizer, steps) for name, optimizer in optimizers.items()}


valley_paths = walk(valley_slope, [-7, 2], steps=40)
saddle_paths = walk(saddle_slope, [-1.5, 1e-3], steps=40, scale=0.3)
plateau_paths = walk(plateau_slope, [-3.2, 1.6], steps=120)

print(f"{'':10}{'valley: f':>12}{'saddle: steps to leave':>26}{'plateau: f':>14}")
leaves = {}
for name in valley_paths:
    away = np.abs(saddle_paths[name][:, 1]) > 0.5
    leaves[name] = int(away.argmax()) if away.any() else np.inf
    ends = valley(*valley_paths[name][-1]), plateau(*plateau_paths[name][-1])
    print(f"{name:10}{ends[0]:12.2e}{leaves[name]:26}{ends[1]:14.3f}")
assert max(leaves["Adam"], leaves["RMSprop"], leaves["Adagrad"]) < leaves["Momentum"] < leaves["SGD"]
assert valley(*valley_paths["Adam"][-1]) < valley(*valley_paths["SGD"][-1])
assert plateau(*plateau_paths["Adam"][-1]) < -0.99 and plateau(*plateau_paths["SGD"][-1]) > -0.1

figure = plt.figure(figsize=(16, 5.2), layout="constrained")
left, middle = figure.add_subplot(131), figure.add_subplot(132, projection="3d")
optimizer_paths(valley, valley_paths, ax=left, xlim=(-8, 3), ylim=(-4, 4), levels=np.geomspace(0.02, 30, 16))
left.set_title("a long valley: x²/20 + y², 40 steps")
optimizer_paths(saddle, saddle_paths, ax=middle, xlim=(-1.8, 1.8), ylim=(-1.2, 2))
middle.view_init(elev=32, azim=55)
middle.legend().remove()
middle.set_title("a saddle: x² - y², 40 steps from just beside its ridge")
right = figure.add_subplot(133)
optimizer_paths(plateau, plateau_paths, ax=right, xlim=(-4, 3), ylim=(-3, 3), goal=(0, 0), levels=12)
right.legend().remove()
right.set_title("a plateau with a hole, 120 steps")
figure.savefig("08_optimizer_paths.png", dpi=110)

axes = plt.figure(figsize=(6, 4.6)).add_axes((0.2, 0, 0.85, 0.95), projection="3d")
axes.view_init(elev=32, azim=55)
limits = {"xlim": (-1.8, 1.8), "ylim": (-1.2, 2)}
animation = animate_paths(saddle, saddle_paths, ax=axes, **limits, every=2, interval=250)
animation.save("08_optimizer_paths.gif", writer="pillow", dpi=70)

"""The ways of optimizers over a function of two variables: over its contours, over its surface, and in motion."""

import numpy as np

from .style import BLACK, COLORS, axes, finish, translator


def optimizer_paths(f, paths, ax=None, xlim=None, ylim=None, levels=30, goal=None, three_d=False, language=None):
    """Paths over the contours of a function, or over its surface.

    Parameters
    ----------
    f : callable
        ``f(x, y)`` of arrays.
    paths : dict of str to array-like (steps, 2)
        By name, such as ``fastnn.optimizers.descend`` returns them.
    ax : matplotlib.axes.Axes, optional
        A 3-D one (``projection="3d"``) shows the surface.
    xlim, ylim : (float, float), optional
        By default what the paths need.
    levels : int or sequence of float
        Contours.
    goal : (float, float), optional
        Marked by a star.
    three_d : bool
        Whether to make 3-D axes, where ``ax`` is not given.
    language : {"en", "ko"}, optional

    Returns
    -------
    matplotlib.axes.Axes
        The last ``len(paths)`` of its lines are the paths, in order.

    Raises
    ------
    ValueError
        For a path that is not of shape (steps, 2), or none at all.
    """
    ax, lines, paths = _scene(f, paths, ax, xlim, ylim, levels, goal, three_d, language)
    for draw, path in zip(lines, paths, strict=True):
        draw(path)
    return ax


def animate_paths(f, paths, ax=None, xlim=None, ylim=None, levels=30, goal=None, three_d=False, every=1,
                  interval=60, language=None):  # fmt: skip
    """The same in motion: the paths grow together, ``every`` steps a frame.

    Parameters
    ----------
    every : int
        Steps from one frame to the next.
    interval : int
        Milliseconds between frames.
    f, paths, ax, xlim, ylim, levels, goal, three_d, language
        As for :func:`optimizer_paths`.

    Returns
    -------
    matplotlib.animation.FuncAnimation
        To save it: ``animation.save("paths.gif", writer="pillow")``.
    """
    from matplotlib.animation import FuncAnimation

    ax, lines, paths = _scene(f, paths, ax, xlim, ylim, levels, goal, three_d, language)
    word = translator(language)
    stops = [*range(1, max(map(len, paths)), every), max(map(len, paths))]

    def show(stop):
        for draw, path in zip(lines, paths, strict=True):
            draw(path[:stop])
        ax.set_title(f"{word('step')} {stop - 1}")
        finish(ax)

    return FuncAnimation(ax.figure, show, frames=stops, init_func=lambda: None, interval=interval, repeat=False)


def _scene(f, paths, ax, xlim, ylim, levels, goal, three_d, language):
    """Axes with the function drawn, a function for each path that draws so much of it as it is given, the paths."""
    word = translator(language)
    names, paths = list(paths), [np.asarray(path, float) for path in paths.values()]
    if not paths:
        raise ValueError("paths: expected at least one")
    for name, path in zip(names, paths, strict=True):
        if path.ndim != 2 or path.shape[1] != 2 or not len(path):
            raise ValueError(f"path {name!r}: expected points of shape (steps, 2), got {path.shape}")
    ax = axes(ax, (7, 5.5) if three_d else (6.5, 5), "3d" if three_d else None)
    solid = ax.name == "3d"
    points = np.concatenate(paths)
    points = points[np.isfinite(points).all(axis=1)]
    xlim, ylim = (
        limits if limits is not None else _around(points[:, i]) for i, limits in enumerate((xlim, ylim))
    )
    x, y = np.meshgrid(np.linspace(*xlim, 121), np.linspace(*ylim, 121))
    z = f(x, y)
    if solid:
        ax.plot_surface(x, y, z, cmap="Greys", alpha=0.45, linewidth=0, rcount=32, ccount=32, zorder=0)
        ax.computed_zorder = False  # else the surface hides the paths that lie on it
        lift = 0.01 * (z.max() - z.min())
    else:
        ax.contour(x, y, z, levels=levels, colors="#9A9A9A", linewidths=0.7)
        ax.set_xlim(*xlim)
        ax.set_ylim(*ylim)
    start = paths[0][0]
    above = (lambda p: (f(p[:, 0], p[:, 1]) + lift,)) if solid else (lambda p: ())
    ax.plot(*start[None].T, *above(start[None]), "o", color=BLACK, label=word("start"), zorder=5)
    if goal is not None:
        goal = np.asarray(goal, float)[None]
        ax.plot(*goal.T, *above(goal), "*", color=BLACK, markersize=12, zorder=5)

    def line(name, color):
        (trail,) = ax.plot([], [], *([[]] * solid), "-", color=color, label=name, linewidth=1.8, zorder=6)
        (head,) = ax.plot([], [], *([[]] * solid), "o", color=color, markersize=6, zorder=7)

        def draw(path):
            inside = _inside(path, xlim, ylim) if solid else path  # 3-D axes do not clip
            for artist, part in ((trail, inside), (head, inside[-1:])):
                artist.set_data(*part.T)
                if solid:
                    artist.set_3d_properties(*above(part))

        return draw

    lines = [line(name, COLORS[i % len(COLORS)]) for i, name in enumerate(names)]
    place = {"loc": "upper right", "bbox_to_anchor": (0.02, 1)} if solid else {"loc": "best"}
    ax.legend(fontsize=9, **place)
    return finish(ax), lines, paths


def _around(values):
    low, high = values.min(), values.max()
    reach = 0.1 * (high - low) or 1
    return low - reach, high + reach


def _inside(path, xlim, ylim):
    """The path up to where it leaves the picture."""
    outside = ~((path >= (xlim[0], ylim[0])) & (path <= (xlim[1], ylim[1]))).all(axis=1)
    return path[: outside.argmax()] if outside.any() else path

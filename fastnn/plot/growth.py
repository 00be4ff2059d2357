"""The figure of ``python -m fastnn.bench.growth``: nanoseconds per row while the work grows."""


def draw_growth(results, path):
    """Draw a panel for each sweep and write the file.

    Parameters
    ----------
    results : dict
        ``{title: {library: {number: nanoseconds per row}}}``.
    path : path

    Returns
    -------
    matplotlib.figure.Figure
    """
    from matplotlib.figure import Figure

    figure = Figure((10, 7), layout="constrained")
    for axes, (title, by_name) in zip(figure.subplots(2, 2).flat, results.items(), strict=False):
        for name, points in by_name.items():
            axes.loglog(list(points), list(points.values()), "o-", label=name)
        axes.set_xlabel(title)
        axes.set_ylabel("ns per row")
        axes.grid(alpha=0.3)
    figure.axes[0].legend()
    figure.savefig(path, dpi=150)
    return figure

"""The figure of ``fastnn bench --peers``: how many times as long each library takes, and what it costs besides."""

import numpy as np

COSTS = {
    "import_seconds": ("import, ms beyond NumPy's", 1e3),
    "installed_bytes": ("installed, MB", 1e-6),
    "peak_memory": ("peak memory of training, MB", 1e-6),
    "row_seconds": ("predict of one row, us", 1e6),
}
"""Key of a cost -> title of its panel, and factor."""


def draw_peers(report, path):
    """Draw bars of seconds by fastnn's seconds, a panel for each kind of rows and number of threads, and the costs.

    Parameters
    ----------
    report : dict
        As :func:`fastnn.bench.run_peers.run` returns it.
    path : path
        File of the figure; its ending says in which format.

    Returns
    -------
    matplotlib.figure.Figure
    """
    from matplotlib.figure import Figure

    names, results = list(report["costs"]), report["results"]
    panels = [(kind, count, by_net) for kind, by_count in results.items() for count, by_net in by_count.items()]
    colours = {name: f"C{number}" for number, name in enumerate(names)}
    figure = Figure((12, 3.4 * len(panels) + 3), layout="constrained")
    above, below = figure.subfigures(2, height_ratios=(3.4 * len(panels), 3))
    for axes, (kind, count, by_net) in zip(above.subplots(len(panels), squeeze=False)[:, 0], panels, strict=True):
        at, width = np.arange(len(by_net)), 0.8 / len(names)
        for number, name in enumerate(names):
            ratios = [
                result[name].get("seconds", np.nan) / result["fastnn"]["seconds"] for result in by_net.values()
            ]
            axes.bar(at + (number - (len(names) - 1) / 2) * width, ratios, width, label=name, color=colours[name])
        axes.axhline(1, color="black", linewidth=0.8)
        axes.set_yscale("log")
        axes.set_xticks(at, by_net, rotation=20, ha="right")
        axes.set_ylabel("seconds / fastnn's seconds")
        axes.set_title(f"{kind} rows, {count} thread{'s' if count != '1' else ''}")
    above.axes[0].legend(ncols=len(names), fontsize="small", loc="upper left")
    for axes, (key, (title, factor)) in zip(below.subplots(1, len(COSTS)), COSTS.items(), strict=True):
        values = [factor * facts.get(key, np.nan) for facts in report["costs"].values()]
        axes.barh(names, values, color=list(colours.values()))
        axes.invert_yaxis()
        axes.set_xscale("log")
        axes.set_title(title, fontsize="medium")
    figure.savefig(path, dpi=150)
    return figure

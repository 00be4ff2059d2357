"""The figure of ``fastnn bench --peers``: how many times as long each library takes."""

import numpy as np


def draw_peers(results, path):
    """Draw bars of seconds by fastnn's seconds, a panel for each number of threads, and write the file.

    Parameters
    ----------
    results : dict
        By number of threads and net, as :func:`fastnn.bench.run_peers.run` returns them.
    path : path
        File of the figure; its ending says in which format.

    Returns
    -------
    matplotlib.figure.Figure
    """
    from matplotlib.figure import Figure

    names = [name for name in next(iter(next(iter(results.values())).values())) if name not in NOT_PEERS]
    figure = Figure((10, 3.4 * len(results)), layout="constrained")
    panels = figure.subplots(len(results), squeeze=False)[:, 0]
    for axes, (threads, by_net) in zip(panels, results.items(), strict=True):
        at, width = np.arange(len(by_net)), 0.8 / len(names)
        for number, name in enumerate(names):
            ratios = [
                result[name].get("seconds", np.nan) / result["fastnn"]["seconds"] for result in by_net.values()
            ]
            axes.bar(at + (number - (len(names) - 1) / 2) * width, ratios, width, label=name)
        axes.axhline(1, color="black", linewidth=0.8)
        axes.set_yscale("log")
        axes.set_xticks(at, by_net, rotation=20, ha="right")
        axes.set_ylabel("seconds / fastnn's seconds")
        axes.set_title(f"{threads} thread{'s' if threads != '1' else ''}")
    figure.axes[0].legend(ncols=len(names), fontsize="small", loc="upper left")
    figure.savefig(path, dpi=150)
    return figure


NOT_PEERS = ("fastest peer", "ratio", "share of limit")

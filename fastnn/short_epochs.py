"""Short epochs that nobody watches: several of them in one native call.

The numbers are those of one epoch after the other. What is saved is the way to Python and back, which takes longer
than an epoch of a tiny net.
"""

import time

from .sources import ArraySource


def train_ahead(trainer, session, source, epoch, stop, pace, alarm):
    """Run the epochs from number ``epoch`` on that together take about as long as a piece of an epoch may.

    Parameters
    ----------
    trainer : Trainer
    session : Session
    source : ArraySource or BatchStream
    epoch, stop : int
        The next epoch, and the one before which training ends.
    pace : Pace
        Says how many batches fit.
    alarm : Alarm

    Returns
    -------
    dict of str to list of float
        The logs of the epochs; empty where fewer than two fit, or an epoch is no pass over arrays.
    """
    if not isinstance(source, ArraySource) or not source.between_passes:
        return {}
    count, shuffle = min(pace.batches // source.steps, stop - epoch), trainer.position.shuffle
    if count < 2:
        return {}
    x, y, weights = source.rows
    keys = trainer.order_keys(count) if shuffle else None
    rates = trainer.optimizer.learning_rates(session.executable.step, count * source.steps)
    began = time.perf_counter()
    totals, bad = session.train_epochs(x, y, count, keys, source.batch_size, rates, weights=weights)
    pace.learn(len(totals) * source.steps, time.perf_counter() - began)
    trainer.epochs_started += len(totals)
    if shuffle:
        trainer.order_epoch = trainer.epochs_started - 1
    source.pass_over()
    if bad >= 0:
        alarm.raise_for(f"epoch {epoch + len(totals)}, batch {bad + 1}")
    trainer.position.epoch = epoch + len(totals)
    return trainer.tally(session).logs_of(totals, source.count)

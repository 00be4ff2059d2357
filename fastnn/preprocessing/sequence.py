"""Sequences of numbers as the rows of an array."""

import numpy as np


def pad_sequences(sequences, maxlen=None, dtype="int32", padding="pre", truncating="pre", value=0.0):
    """Sequences of one length, as the rows of an array.

    Parameters
    ----------
    sequences : list of lists of numbers
    maxlen : int, optional
        By default the length of the longest.
    dtype : str
    padding, truncating : "pre" or "post"
        Where ``value`` is put in, and where longer sequences are cut.
    value : float

    Returns
    -------
    numpy.ndarray (n, maxlen)

    Raises
    ------
    ValueError
        For another place, or something that is no sequence.
    """
    for name, place in (("padding", padding), ("truncating", truncating)):
        if place not in ("pre", "post"):
            raise ValueError(f"pad_sequences: {name} must be 'pre' or 'post', got {place!r}")
    if not all(hasattr(sequence, "__len__") for sequence in sequences):
        raise ValueError("pad_sequences: expected a list of sequences")
    if maxlen is None:
        maxlen = max((len(sequence) for sequence in sequences), default=0)
    shape = next((np.shape(sequence)[1:] for sequence in sequences if len(sequence)), ())
    rows = np.full((len(sequences), maxlen, *shape), value, dtype)
    for row, sequence in zip(rows, sequences, strict=True):
        kept = np.asarray(sequence[-maxlen:] if truncating == "pre" else sequence[:maxlen], dtype)
        if len(kept) and maxlen:
            row[slice(-len(kept), None) if padding == "pre" else slice(len(kept))] = kept
    return rows

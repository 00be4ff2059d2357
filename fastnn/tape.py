"""Tapes note what is computed from what; gone through backwards, they give gradients (``tf.GradientTape``).

Design
------
a. A call is noted with its inputs, its output, and a function that carries a gradient of the output back to the
   inputs: its *pull*. What computes (``tensor.apply``, layers, losses) brings it along; a tape knows no mathematics.
b. Only what depends on something watched is noted: on variables, and on what ``watch`` was told of.
c. Pulls compute with tensors, which other tapes may be noting: a tape around another gives second derivatives.
"""

import numpy as np

_open = []


def recording():
    """Whether a tape is open."""
    return bool(_open)


def note(output, inputs, pull):
    """Let the open tapes note a call.

    Parameters
    ----------
    output : Tensor
    inputs : sequence
        What it was computed from; things that no tape watches may be among them.
    pull : callable
        ``pull(dy)`` gives the gradient of each input, None for those that have none.
    """
    for tape in _open:
        tape._note(output, inputs, pull)


def refuse(outputs, inputs, why):
    """Let the open tapes note a call whose gradient is not there: NotImplementedError when it is asked for."""

    def pull(dy):
        raise NotImplementedError(f"GradientTape: {why}")

    for output in leaves(outputs):
        if output is not None:
            note(output, inputs, pull)


class GradientTape:
    """Notes what is computed while it is open: ``with tf.GradientTape() as tape:``.

    Parameters
    ----------
    persistent : bool
        Whether ``gradient`` may be called more than once.
    watch_accessed_variables : bool
        Whether trainable variables and the weights of layers are watched without being named.
    """

    def __init__(self, persistent=False, watch_accessed_variables=True):
        self._persistent, self._variables = persistent, watch_accessed_variables
        self.reset()

    def reset(self):
        """Forget all calls."""
        self._calls, self._watched, self._used = [], {}, False

    def __enter__(self):
        _open.append(self)
        return self

    def __exit__(self, *error):
        _open.remove(self)

    def watch(self, tensor):
        """Note what is computed from this tensor, or from these."""
        for leaf in leaves(tensor):
            self._watched[id(leaf)] = leaf  # kept, so that no other object gets this id

    def watched_variables(self):
        """The variables and weights that calls were noted of."""
        return tuple(x for x in self._watched.values() if getattr(x, "is_variable", False))

    def _note(self, output, inputs, pull):
        watched = [self._watches(x) for x in inputs]  # all of them: each variable begins to be watched here
        if any(watched):
            self.watch(output)
            self._calls.append((output, inputs, pull))

    def _watches(self, x):
        if id(x) not in self._watched and self._variables and getattr(x, "is_variable", False) and x.trainable:
            self.watch(x)
        return id(x) in self._watched

    def gradient(self, target, sources, output_gradients=None, unconnected_gradients="none"):
        """The gradient of ``target`` for each of ``sources``.

        Parameters
        ----------
        target : Tensor, or several
            Where it holds several numbers, the gradient is that of their sum.
        sources : Tensor, Variable or weight, or a list, tuple or dict of such
        output_gradients : Tensor, or several, optional
            What each number of ``target`` counts; by default 1.
        unconnected_gradients : "none" or "zero"
            What a source gets on which ``target`` does not depend: None, or zeros.

        Returns
        -------
        Tensors, nested as ``sources``

        Raises
        ------
        RuntimeError
            For the second time, unless the tape is persistent.
        """
        if self._used and not self._persistent:
            raise RuntimeError(
                "A non-persistent GradientTape can only be used to compute one set of gradients (or jacobians)"
            )
        self._used = True
        is_open = self in _open
        if is_open:
            _open.remove(self)
        try:
            found = self._walk_back(leaves(target), output_gradients)
        finally:
            if is_open:
                _open.append(self)
        if not self._persistent:
            self._calls = []

        def of(source):
            gradient = found.get(id(source))
            if gradient is None and str(getattr(unconnected_gradients, "value", unconnected_gradients)) == "zero":
                return _tensor(np.zeros(np.shape(source), source.dtype))
            return gradient

        return map_leaves(of, sources)

    def _walk_back(self, targets, output_gradients):
        found = {}
        starts = leaves(output_gradients) if output_gradients is not None else [None] * len(targets)
        for target, start in zip(targets, starts, strict=True):
            if not hasattr(target, "dtype"):
                raise TypeError(f"GradientTape.gradient: expected a tensor as target, got {type(target).__name__}")
            _add(found, target, _tensor(np.ones(np.shape(target), target.dtype) if start is None else start))
        for output, inputs, pull in reversed(self._calls):
            dy = found.get(id(output))
            if dy is None:
                continue
            for x, dx in zip(inputs, pull(dy), strict=True):
                if dx is not None and id(x) in self._watched:
                    _add(found, x, dx)
        return found


def leaves(structure):
    """The leaves of nested lists, tuples and dicts."""
    if isinstance(structure, dict):
        structure = list(structure.values())
    if isinstance(structure, (list, tuple)):
        return [leaf for item in structure for leaf in leaves(item)]
    return [structure]


def map_leaves(function, structure):
    """The same nesting with ``function`` of each leaf."""
    if isinstance(structure, dict):
        return {key: map_leaves(function, value) for key, value in structure.items()}
    if isinstance(structure, (list, tuple)):
        return type(structure)(map_leaves(function, item) for item in structure)
    return function(structure)


def _add(found, x, gradient):
    found[id(x)] = gradient if id(x) not in found else found[id(x)] + gradient


def _tensor(values):
    from .tensor import tensor

    return tensor(values)

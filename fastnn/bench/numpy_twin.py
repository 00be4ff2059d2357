"""Trains the nets of the benchmark with nothing but NumPy, as fast as we know how to write it.

It is what fastnn is timed against, so it must not be slow by carelessness; and it is a complete trainer of
dense networks on one page.

Design
------
a. No arrays are made while training. Each result goes to a buffer of its own through ``out=``; what is no
   longer needed is overwritten.
b. All weights lie one after another in one long vector, and so do their gradients. The matrices are views of
   it. So one step of the optimizer is a few passes over one vector, however many layers there are.
c. A factor that all gradients share is put in once, at the small output layer.
d. Everything is of one type, float32 where it is timed. Python's own numbers do not change that; NumPy's float64
   scalars would.
"""

import numpy as np

from ..ops.dropout import dropout_mask


class NumpyTwin:
    """A net and its weights.

    Parameters
    ----------
    net : fastnn.bench.nets.Net
    weights : list of numpy.ndarray
        Initial values: kernel and bias, layer by layer; they are copied.
    draw_mask : callable, optional
        Fills the dropout masks: :func:`numpys_masks` (default) or :func:`fastnns_masks`.
    dtype : numpy.dtype
        Of all its numbers.
    settle : callable, optional
        ``settle(z, layer, x, w)`` may change the sums ``z = x w + b`` of a hidden layer before they are activated, as
        ``verify`` does.
    """

    def __init__(self, net, weights, draw_mask=None, dtype=np.float32, settle=None):
        if net.dropout and net.activation != "relu":
            raise ValueError("dropout is written for ReLU alone, whose slope the dropped output still shows")
        shapes = [w.shape for w in weights]
        self._net = net
        self._flat = np.concatenate([w.reshape(-1) for w in weights]).astype(dtype)
        self._flat_gradient = np.zeros_like(self._flat)
        self.weights = _views(self._flat, shapes)
        self._gradients = _views(self._flat_gradient, shapes)
        self._optimizer = {"sgd": Sgd, "adam": Adam}[net.optimizer](net.learning_rate, self._flat)
        self._draw_mask = draw_mask or numpys_masks(0)
        self._settle = settle
        self._buffers = {}
        self.steps = 0

    def train(self, x, labels, order):
        """Take a step for each batch of ``order``.

        Parameters
        ----------
        x : numpy.ndarray of float32 (n, features)
        labels : numpy.ndarray of int (n,)
        order : numpy.ndarray of int
            Numbers of the rows; a batch never has a row twice.

        Returns
        -------
        float
            Mean loss of the rows.
        """
        total = 0.0
        for start in range(0, len(order), self._net.batch):
            rows = order[start : start + self._net.batch]
            buffers = self._buffers_for(len(rows))
            if len(rows) == len(x):  # a sum over all rows needs no order, and 60,000 images no copy
                total += self._forward(x, labels, buffers)
                self._backward(x, buffers)
            else:
                # mode="clip", because the default makes a second copy to leave `out` alone on an error
                np.take(x, rows, axis=0, out=buffers.x, mode="clip")
                total += self._forward(buffers.x, labels[rows], buffers)
                self._backward(buffers.x, buffers)
            self._optimizer.step(self._flat, self._flat_gradient)
            self.steps += 1
        return total / len(order)

    def predict(self, x):
        """Probabilities for some rows."""
        z = self._logits(x)
        z -= z.max(axis=1, keepdims=True)
        np.exp(z, out=z)
        z /= z.sum(axis=1, keepdims=True)
        return z

    def accuracy(self, x, labels):
        """Share of the rows whose largest output is that of their label."""
        return float((self._logits(x).argmax(axis=1) == labels).mean())

    def _logits(self, x):
        *hidden, (w, b) = zip(self.weights[::2], self.weights[1::2], strict=True)
        for w_hidden, b_hidden in hidden:
            x = x @ w_hidden + b_hidden
            self._activate(x)
        return x @ w + b

    def _buffers_for(self, rows):
        """There are at most two sizes: the batch, and the rest at the end."""
        if rows not in self._buffers:
            self._buffers[rows] = Buffers(rows, self._net, self._flat.dtype)
        return self._buffers[rows]

    def _forward(self, x, labels, buffers):
        """Outputs of all layers; in the last one the gradient with respect to z. Returns the summed loss."""
        last = len(buffers.outputs) - 1
        for i, y in enumerate(buffers.outputs):  # y = f(x W + b)
            np.matmul(x, self.weights[2 * i], out=y)
            y += self.weights[2 * i + 1]
            if i < last:
                if self._settle:
                    self._settle(y, i, x, self.weights[2 * i])
                self._activate(y)
                if self._net.dropout:
                    mask = buffers.masks[i]
                    self._draw_mask(mask, self._net.dropout, i, self.steps)
                    mask *= 1 / (1 - self._net.dropout)
                    y *= mask
            x = y
        return self._softmax_cross_entropy(y, labels, buffers)

    def _softmax_cross_entropy(self, z, labels, buffers):
        """loss = log sum exp z - z_label, and z <- (softmax(z) - one_hot) / rows. Returns the summed loss."""
        z -= np.max(z, axis=1, keepdims=True)  # exp cannot overflow then
        at_label = buffers.row_starts + labels
        z_flat = z.reshape(-1)
        chosen = z_flat[at_label]
        np.exp(z, out=z)
        total = np.add.reduce(z, axis=1, keepdims=True)
        z /= total
        z_flat[at_label] -= 1
        z *= self._optimizer.gradient_factor / len(z)
        return float(np.log(total).sum() - chosen.sum())

    def _backward(self, x, buffers):
        """Gradients of all weights. Overwrites the outputs of the hidden layers, each after its last use."""
        d = buffers.outputs[-1]
        for i in reversed(range(len(buffers.outputs))):
            below = buffers.outputs[i - 1] if i else x
            np.matmul(below.T, d, out=self._gradients[2 * i])
            np.matmul(buffers.ones, d, out=self._gradients[2 * i + 1])  # sum over the rows
            if i:
                d = np.matmul(d, self.weights[2 * i].T, out=buffers.gradients[i - 1])
                if self._net.dropout:
                    d *= buffers.masks[i - 1]
                self._times_slope(d, below)

    def _activate(self, z):
        if self._net.activation == "relu":
            np.maximum(z, 0, out=z)
        else:  # 1 / (1 + exp(-z)) = (1 + tanh(z / 2)) / 2, and a tanh never overflows
            z *= 0.5
            np.tanh(z, out=z)
            z *= 0.5
            z += 0.5

    def _times_slope(self, d, y):
        """d <- d f'(z), from the output y = f(z), which is overwritten."""
        if self._net.activation == "relu":  # 1 where y > 0, else 0
            np.greater(y, 0, out=y)
            d *= y
        else:  # y (1 - y)
            d *= y
            np.subtract(1, y, out=y)
            d *= y


class Buffers:
    """All arrays that a batch of ``rows`` rows needs."""

    def __init__(self, rows, net, dtype):
        def arrays(sizes):
            return [np.empty((rows, size), dtype) for size in sizes]

        (self.x,) = arrays(net.sizes[:1])
        self.outputs = arrays(net.sizes[1:])
        self.gradients = arrays(net.sizes[1:-1])
        self.masks = arrays(net.sizes[1:-1]) if net.dropout else None
        self.ones = np.ones(rows, dtype)
        self.row_starts = np.arange(rows) * net.sizes[-1]


class Sgd:
    """w <- w - lr g. The learning rate is in the gradient already."""

    def __init__(self, learning_rate, weights):
        self.gradient_factor = learning_rate

    def step(self, w, g):
        """Change the weights ``w``, given their gradient ``g``."""
        w -= g


class Adam:
    """Adam (Kingma and Ba, 2015) with Keras' defaults.

    The running averages are kept without their factors, M = m / (1 - b1) and V = v / (1 - b2), which saves
    two passes over the weights:

        M <- b1 M + g;  V <- b2 V + g^2;  w <- w - alpha m / (sqrt(v) + eps)

    with alpha = lr sqrt(1 - b2^t) / (1 - b1^t).
    """

    gradient_factor = 1.0

    def __init__(self, learning_rate, weights, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
        self._learning_rate, self._epsilon = learning_rate, epsilon
        self._beta_1, self._beta_2 = beta_1, beta_2
        self._m, self._v, self._scratch = (np.zeros_like(weights) for _ in range(3))
        self._t = 0

    def step(self, w, g):
        """Change the weights ``w``, given their gradient ``g``, which is overwritten."""
        m, v, scratch = self._m, self._v, self._scratch
        self._t += 1
        alpha = self._learning_rate * (1 - self._beta_2**self._t) ** 0.5 / (1 - self._beta_1**self._t)
        root = (1 - self._beta_2) ** 0.5  # of the factor in v, which is divided out of numerator and epsilon
        m *= self._beta_1
        m += g
        g *= g
        v *= self._beta_2
        v += g
        np.sqrt(v, out=scratch)
        scratch += self._epsilon / root
        np.divide(m, scratch, out=scratch)
        scratch *= alpha * (1 - self._beta_1) / root
        w -= scratch
        if self._t % 100 == 0:
            _flush(m, scratch)
            _flush(v, scratch)


def _flush(a, scratch):
    """Zero where a number is too small for full precision: it would slow every later step."""
    np.abs(a, out=scratch)
    a[scratch < np.finfo(np.float32).tiny] = 0


def numpys_masks(seed):
    """Masks from NumPy's generator. A drawer fills ``out`` with 1 where a unit is kept, else with 0."""
    generator = np.random.default_rng(seed)

    def draw(out, rate, stream, step):
        generator.random(out=out, dtype=np.float32)
        np.greater_equal(out, rate, out=out)

    return draw


def fastnns_masks(key):
    """The masks that fastnn draws with this key (slow in NumPy, and so not for timing)."""

    def draw(out, rate, stream, step):
        out[...] = dropout_mask(*out.shape, rate, stream, step, key)

    return draw


def _views(flat, shapes):
    """Consecutive pieces of a vector, with these shapes."""
    ends = np.cumsum([np.prod(shape) for shape in shapes])
    return [piece.reshape(shape) for piece, shape in zip(np.split(flat, ends[:-1]), shapes, strict=True)]

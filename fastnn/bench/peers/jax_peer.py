"""JAX: a whole epoch is one compiled ``lax.scan`` over the batches."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax


class Peer:
    def __init__(self, net, weights, data, threads, seed):
        self._net = net
        (x, labels), self._test = data
        self._train = jnp.asarray(x), jnp.asarray(labels)
        means, squares = ([jnp.zeros_like(w) for w in weights] for _ in range(2))
        self._state = ([jnp.asarray(w) for w in weights], means, squares, jnp.zeros((), jnp.int32))
        self._key = jax.random.key(seed)
        self._generator = np.random.default_rng(seed)
        self._epoch = jax.jit(functools.partial(_epoch, net), donate_argnums=0)
        self._rest = jax.jit(functools.partial(_step, net), donate_argnums=0)
        self._predict = jax.jit(lambda weights, x: jax.nn.softmax(_logits(net, weights, x, None)))

    def train(self, epochs):
        """Train for some epochs."""
        x, labels = self._train
        batch = min(self._net.batch, len(x))
        for _ in range(epochs):
            order = self._generator.permutation(len(x)).astype(np.int32)
            whole = len(x) // batch * batch
            self._key, key, last_key = jax.random.split(self._key, 3)
            self._state = self._epoch(self._state, x, labels, order[:whole].reshape(-1, batch), key)
            if whole < len(x):  # the short last batch
                self._state = self._rest(self._state, x, labels, order[whole:], last_key)
        jax.block_until_ready(self._state)

    def accuracy(self):
        """Share of the test rows that are told right."""
        x, labels = self._test
        return float((_logits(self._net, self._state[0], x, None).argmax(axis=1) == labels).mean())

    def predict(self, x):
        """Probabilities for some rows."""
        return np.asarray(self._predict(self._state[0], x))

    def describe(self):
        """Name, version, and what it runs on."""
        return f"JAX {jax.__version__}"


def _logits(net, weights, x, key):
    *hidden, (kernel, bias) = zip(weights[::2], weights[1::2], strict=True)
    for number, (w, b) in enumerate(hidden):
        x = x @ w + b
        x = jax.nn.relu(x) if net.activation == "relu" else jax.nn.sigmoid(x)
        if net.dropout and key is not None:
            keep = jax.random.bernoulli(jax.random.fold_in(key, number), 1 - net.dropout, x.shape)
            x = jnp.where(keep, x / (1 - net.dropout), 0)
    return x @ kernel + bias


def _loss(weights, net, x, labels, key):
    log_p = jax.nn.log_softmax(_logits(net, weights, x, key))
    return -jnp.take_along_axis(log_p, labels[:, None], axis=1).mean()


def _step(net, state, x, labels, rows, key):
    weights, means, squares, step = state
    gradients = jax.grad(_loss)(weights, net, x[rows], labels[rows], key)
    step = step + 1
    if net.optimizer == "sgd":
        weights = [w - net.learning_rate * g for w, g in zip(weights, gradients, strict=True)]
    else:
        means = [m + 0.1 * (g - m) for m, g in zip(means, gradients, strict=True)]
        squares = [v + 0.001 * (g * g - v) for v, g in zip(squares, gradients, strict=True)]
        alpha = net.learning_rate * jnp.sqrt(1 - 0.999**step) / (1 - 0.9**step)
        weights = [
            w - alpha * m / (jnp.sqrt(v) + 1e-7) for w, m, v in zip(weights, means, squares, strict=True)
        ]
    return weights, means, squares, step


def _epoch(net, state, x, labels, order, key):
    def body(state, rows_and_number):
        rows, number = rows_and_number
        return _step(net, state, x, labels, rows, jax.random.fold_in(key, number)), None

    return lax.scan(body, state, (order, jnp.arange(len(order))))[0]

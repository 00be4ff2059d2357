"""What all models can do, with Keras' methods. The work is done by ``fastnn.trainer``."""

import math

import numpy as np

from .. import optimizers
from ..checks import check_int
from ..naming import check_name
from ..trainer import Trainer


class Model:
    """What all models can do. A subclass holds the layers.

    It defines ``layers``, ``input_shape`` (None while it is not known), ``compute_output_shape``, ``build``
    and ``emit``.

    Attributes
    ----------
    name : str
    dtype : str or None
        "float32" or "float64"; None until the model is built.
    history : History or None
        Of the last ``fit``.
    stop_training, stop_evaluating, stop_predicting : bool
        Set by callbacks to end what is going on: training after the batch or epoch at hand, the others after
        the batch.
    """

    def __init__(self, name=None):
        self.name = check_name(name, type(self).__name__)
        self.history = None
        self.stop_training = self.stop_evaluating = self.stop_predicting = False
        self._trainer = None

    # Training

    def compile(
        self,
        optimizer="rmsprop",
        loss=None,
        loss_weights=None,
        metrics=None,
        weighted_metrics=None,
        run_eagerly=False,
        steps_per_execution=1,
        jit_compile="auto",
        auto_scale_loss=True,
    ):
        """Choose how to train; a trainer made before is dropped, and with it the optimizer's state.

        Parameters
        ----------
        optimizer : str or Optimizer
        loss : str or Loss
        metrics : list of str or Metric, optional
        loss_weights : float or list of one float, optional
            What the loss is multiplied with.
        weighted_metrics : list of str or Metric, optional
            Metrics that take ``sample_weight`` and ``class_weight`` into account.
        run_eagerly, steps_per_execution, jit_compile, auto_scale_loss
            Accepted; they do not change results.

        Raises
        ------
        ValueError
            For an unknown name, which lists the known ones; the model is then compiled as before.
        """
        self._trainer = Trainer(
            self,
            optimizers.get(optimizer),
            loss,
            metrics,
            weighted_metrics=weighted_metrics,
            loss_weights=loss_weights,
        )

    def fit(
        self,
        x=None,
        y=None,
        batch_size=None,
        epochs=1,
        verbose="auto",
        callbacks=None,
        validation_split=0.0,
        validation_data=None,
        shuffle=True,
        class_weight=None,
        sample_weight=None,
        initial_epoch=0,
        steps_per_epoch=None,
        validation_steps=None,
        validation_batch_size=None,
        validation_freq=1,
    ):
        """Train; see :meth:`fastnn.trainer.Trainer.fit`.

        Returns
        -------
        History
        """
        return self._compiled("fit").fit(
            x,
            y,
            batch_size=_batch_size(batch_size),
            epochs=epochs,
            verbose=verbose,
            callbacks=callbacks,
            validation_split=validation_split,
            validation_data=validation_data,
            shuffle=shuffle,
            initial_epoch=initial_epoch,
            validation_batch_size=validation_batch_size,
            validation_freq=validation_freq,
            class_weight=class_weight,
            sample_weight=sample_weight,
            steps_per_epoch=steps_per_epoch,
            validation_steps=validation_steps,
        )

    def evaluate(
        self,
        x=None,
        y=None,
        batch_size=None,
        verbose="auto",
        sample_weight=None,
        steps=None,
        callbacks=None,
        return_dict=False,
    ):
        """Loss and metrics of the data.

        Returns
        -------
        float, list of float, or dict
            The loss; with metrics, ``[loss, *metrics]``; with ``return_dict``, by name.
        """
        trainer = self._compiled("evaluate")
        logs = trainer.evaluate(x, y, _batch_size(batch_size), verbose, callbacks, sample_weight, steps)
        return _results(logs, return_dict)

    def predict(self, x, batch_size=None, verbose="auto", steps=None, callbacks=None):
        """The output for each row of ``x``: (n, ...). The model need not be compiled."""
        return self._any_trainer().predict(x, _batch_size(batch_size), verbose, callbacks, steps)

    def train_on_batch(self, x, y=None, sample_weight=None, class_weight=None, return_dict=False):
        """Take one step on all rows together; return the loss (and metrics) before it, like ``evaluate``."""
        trainer = self._compiled("train_on_batch")
        return _results(trainer.train_on_batch(x, y, sample_weight, class_weight), return_dict)

    def test_on_batch(self, x, y=None, sample_weight=None, return_dict=False):
        """Loss (and metrics) of these rows, as ``evaluate`` gives them."""
        trainer = self._compiled("test_on_batch")
        return _results(trainer.test_on_batch(x, y, sample_weight), return_dict)

    def predict_on_batch(self, x):
        """The output for each of these rows."""
        return self._any_trainer().predict(x, verbose=0)

    @property
    def optimizer(self):
        return None if self._trainer is None else self._trainer.optimizer

    @property
    def loss(self):
        return None if self._trainer is None else self._trainer.loss

    @property
    def metrics(self):
        """What is measured beside the loss, as ``compile`` was told."""
        return [] if self._trainer is None else self._trainer.metrics

    @property
    def metrics_names(self):
        return [] if self._trainer is None or self._trainer.loss is None else self._trainer.value_names

    def _compiled(self, method):
        if self._trainer is None or self._trainer.loss is None:
            raise ValueError(f"{self.name!r}: call compile(optimizer=..., loss=...) before {method}")
        return self._trainer

    def _any_trainer(self):
        if self._trainer is None:
            self._trainer = Trainer(self)
        return self._trainer

    # Looking inside

    @property
    def built(self):
        """Whether all layers have their parameters."""
        return bool(self.layers) and all(layer.built for layer in self.layers)

    @property
    def dtype(self):
        return next((layer.dtype for layer in self.layers if layer.dtype), None)

    @property
    def output_shape(self):
        """Shape of the output with None first; None while the model is not built."""
        return self.layers[-1].output_shape if self.built else None

    def get_layer(self, name=None, index=None):
        """The layer with this name or number; ValueError lists the layers there are."""
        if (name is None) == (index is None):
            raise ValueError("get_layer needs a name or an index, and only one of them")
        for number, layer in enumerate(self.layers):
            if layer.name == name or number == index:
                return layer
        there_are = ", ".join(f"{number}: {layer.name}" for number, layer in enumerate(self.layers))
        raise ValueError(
            f"{self.name!r} has no layer {name if index is None else index!r}; there are {there_are}"
        )

    @property
    def weights(self):
        """All parameters, layer by layer."""
        return [parameter for layer in self.layers for parameter in layer.weights]

    @property
    def trainable_weights(self):
        return [parameter for layer in self.layers for parameter in layer.trainable_weights]

    @property
    def non_trainable_weights(self):
        return [parameter for layer in self.layers for parameter in layer.non_trainable_weights]

    def count_params(self):
        """Number of numbers in all parameters."""
        return sum(layer.count_params() for layer in self.layers)

    def get_weights(self):
        """Copies of all parameters' values, layer by layer."""
        return [parameter.value for parameter in self.weights]

    def set_weights(self, weights):
        """Set all parameters; nothing is set unless all fit.

        Raises
        ------
        ValueError
            If there are more or fewer arrays than parameters, or one has another shape; names the layer.
        """
        weights = list(weights)
        if len(weights) != len(self.weights):
            shapes = ", ".join(f"{parameter.path} {parameter.shape}" for parameter in self.weights) or "none"
            raise ValueError(
                f"{self.name!r}: expected {len(self.weights)} weights ({shapes}), got {len(weights)}"
            )
        checked = [parameter.check(value) for parameter, value in zip(self.weights, weights, strict=True)]
        for parameter, value in zip(self.weights, checked, strict=True):
            parameter.value = value

    def disassemble(self, *sections):
        """The compiled program as text, one op a line; by default all that training runs."""
        trainer = self._any_trainer()
        if not sections:
            sections = ("predict",) if trainer.optimizer is None else ("forward", "backward", "update")
        return trainer.program.disassemble(*sections)

    def summary(
        self,
        line_length=None,
        positions=None,
        print_fn=None,
        expand_nested=False,
        show_trainable=False,
        layer_range=None,
    ):
        """Print a table of layers, output shapes and numbers of parameters, or hand it to ``print_fn``."""
        from ..summary import LayerRow, print_summary

        rows = [
            LayerRow(
                layer.name,
                type(layer).__name__,
                layer.output_shape,
                layer.count_params() if layer.built else None,
                layer.trainable,
            )
            for layer in self.layers
        ]
        print_summary(
            self.name,
            rows,
            self._size(self.trainable_weights),
            self._size(self.non_trainable_weights),
            self._optimizer_size(),
            print_fn=print_fn,
            line_length=line_length,
            positions=positions,
            expand_nested=expand_nested,
            show_trainable=show_trainable,
            layer_range=layer_range,
        )

    def _size(self, parameters, arrays=1):
        from ..summary import Size

        count = arrays * sum(math.prod(parameter.shape) for parameter in parameters)
        return Size(count, count * np.dtype(self.dtype or "float32").itemsize)

    def _optimizer_size(self):
        """As Keras counts: slots, learning rate (4 bytes) and iterations (8); None before training."""
        if self.optimizer is None or not self.optimizer.iterations:
            return None
        slots = self._size(self.trainable_weights, len(self.optimizer.slots))
        return slots._replace(count=slots.count + 2, nbytes=slots.nbytes + 12)


def _batch_size(batch_size):
    return 32 if batch_size is None else check_int(batch_size, "batch_size", 1)


def _results(logs, return_dict):
    """Results as Keras gives them: a dict, a list, or where there is only the loss, a number."""
    if return_dict:
        return logs
    values = list(logs.values())
    return values[0] if len(values) == 1 else values

"""What all models can do, with Keras' methods. The work is done by ``fastnn.trainer``."""

import math

import numpy as np

from .. import optimizers
from ..checks import check_default, check_int
from ..legacy import old_arguments
from ..trainer import Trainer
from .old_methods import OldMethods
from .own_steps import STEPS, OwnSteps
from .structure import Structure

_HOW = dict.fromkeys(("workers", "use_multiprocessing", "max_queue_size"))
"""Arguments that Keras 2 had for fetching batches."""


class Model(OldMethods, OwnSteps, Structure):
    """Layers put together, which can be trained.

    ``Model(inputs, outputs)`` is the net between symbolic tensors. A class of one's own makes its layers in
    ``__init__`` and says in ``call(x)`` what they do with the data, with layers and ``keras.ops``; it is run once, on
    symbolic tensors.

    Parameters
    ----------
    inputs, outputs : KerasTensor, or lists or dicts of such
        Left out in a class of one's own.
    name : str, optional
    trainable : bool
        Whether an optimizer may change the parameters.

    Attributes
    ----------
    name : str
    history : History or None
        Of the last ``fit``.
    stop_training, stop_evaluating, stop_predicting : bool
        Set by callbacks to end what is going on: training after the batch or epoch at hand, the others after
        the batch.
    """

    def __new__(cls, *args, **kwargs):
        if cls is Model and (len(args) > 1 or not kwargs.keys().isdisjoint(("output", "outputs"))):
            from .functional import Functional

            cls = Functional
        return super().__new__(cls, *args, **kwargs)

    @old_arguments(input="inputs", output="outputs")
    def __init__(self, inputs=None, outputs=None, name=None, trainable=True):
        super().__init__(inputs, outputs, name, trainable)
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
        loss : str or Loss, or list or dict of such
            Of a model with several outputs, one for all, or a list or dict by name of the output; None there leaves
            an output untrained. What is trained is their sum.
        loss_weights : float, or list or dict of float, optional
            What the losses are multiplied with.
        metrics : list of str or Metric, optional
            Of a model with several outputs, a list of such lists, or a dict by name of the output.
        weighted_metrics : as ``metrics``, optional
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
        self._compile_arguments = {
            "loss": loss,
            "loss_weights": loss_weights,
            "metrics": metrics,
            "weighted_metrics": weighted_metrics,
            "run_eagerly": run_eagerly,
            "steps_per_execution": steps_per_execution,
            "jit_compile": jit_compile,
        }

    @old_arguments(nb_epoch="epochs", **_HOW)
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
        resume_from=None,
        resume_check=True,
    ):
        """Train; see :meth:`fastnn.trainer.Trainer.fit`.

        Returns
        -------
        History
        """
        return self._runner_of("fit", "train_step", "test_step").fit(
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
            resume_from=resume_from,
            resume_check=resume_check,
        )

    @old_arguments(**_HOW)
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
            The loss; with metrics, or losses of several outputs, a list in the order of ``metrics_names``; with
            ``return_dict``, by name.
        """
        runner = self._runner_of("evaluate", "test_step")
        logs = runner.evaluate(x, y, _batch_size(batch_size), verbose, callbacks, sample_weight, steps)
        return _results(logs, return_dict)

    @old_arguments(**_HOW)
    def predict(self, x, batch_size=None, verbose="auto", steps=None, callbacks=None):
        """The output for each row of ``x``: (n, ...), or several in a list or dict. The model need not be compiled."""
        runner = self._loop() if self.is_own("predict_step") else self._any_trainer()
        return runner.predict(x, _batch_size(batch_size), verbose, callbacks, steps)

    def train_on_batch(self, x, y=None, sample_weight=None, class_weight=None, return_dict=False):
        """Take one step on all rows together; return the loss (and metrics) before it, like ``evaluate``."""
        runner = self._runner_of("train_on_batch", "train_step")
        return _results(runner.train_on_batch(x, y, sample_weight, class_weight), return_dict)

    def test_on_batch(self, x, y=None, sample_weight=None, return_dict=False):
        """Loss (and metrics) of these rows, as ``evaluate`` gives them."""
        runner = self._runner_of("test_on_batch", "test_step")
        return _results(runner.test_on_batch(x, y, sample_weight), return_dict)

    def predict_on_batch(self, x):
        """The output for each of these rows."""
        return self.predict(x, verbose=0)

    @property
    def optimizer(self):
        return None if self._trainer is None else self._trainer.optimizer

    @property
    def loss(self):
        """The loss as ``compile`` was given it."""
        return None if self._trainer is None or self._trainer.loss is None else self._compile_arguments["loss"]

    @property
    def metrics(self):
        """What is measured beside the loss, as ``compile`` was told; where steps are the class's own, the loss too."""
        if self._trainer is None:
            return []
        return self.metrics_of_steps if self.has_own_steps else self._trainer.metrics

    @property
    def metrics_names(self):
        return [] if self._trainer is None or self._trainer.loss is None else self._trainer.value_names

    def _compiled(self, method):
        if self._trainer is None or self._trainer.loss is None:
            raise ValueError(f"{self.name!r}: call compile(optimizer=..., loss=...) before {method}")
        return self._trainer

    def _runner_of(self, method, *steps):
        """What does the work of a method: the trainer, or a loop in Python where the class defines one of the steps."""
        if not any(self.is_own(step) for step in (*steps, "compute_loss")):
            return self._compiled(method)
        if self._trainer is None:
            raise ValueError(f"{self.name!r}: call compile(optimizer=...) before {method}")
        return self._loop()

    def _loop(self):
        from ..own_loop import OwnLoop

        return OwnLoop(self, self._any_trainer())

    def _any_trainer(self):
        if self._trainer is None:
            self._trainer = Trainer(self)
        return self._trainer

    # Files

    @classmethod
    def from_config(cls, config, custom_objects=None):
        """The model that ``get_config`` described, with new parameters; not compiled.

        Parameters
        ----------
        config : dict
        custom_objects : dict of str to class or function, optional
            Those of your own that the configuration names.

        Raises
        ------
        ModelFormatError
            If the configuration has something that fastnn has not; names it.
        """
        from .configs import model_of_class

        return model_of_class(cls, config, custom_objects)

    def save(self, filepath, overwrite=True, zipped=None, include_optimizer=True, save_format=None):
        """Write the model to a file; see :func:`fastnn.models.save_model`."""
        from .files import save_model

        save_model(self, filepath, overwrite, zipped, include_optimizer, save_format)

    def as_container(self, state=None, arrays=None):
        """The bytes of a ``.fastnn`` file of this model, in parts; ``state`` and ``arrays`` are added to its own."""
        from .files import container_of

        return container_of(self, True, state, arrays)

    def save_weights(self, filepath, overwrite=True, max_shard_size=None, save_format=None):
        """Write the weights to a file: Keras' format where the path ends in ``.h5``, else a ``.fastnn`` file."""
        from .files import save_weights

        save_weights(self, filepath, overwrite, max_shard_size, save_format)

    def load_weights(self, filepath, skip_mismatch=False, by_name=None):
        """Set the weights to those of a file; see :func:`fastnn.models.files.load_weights`."""
        from .files import load_weights

        load_weights(self, filepath, skip_mismatch, by_name)

    def export(self, filepath, format="tf_saved_model", verbose=None, input_signature=None):
        """Write a file for programs that only predict.

        Parameters
        ----------
        filepath : str or path
        format : "onnx"
            The default is Keras', and is refused with a word on what to use.
        verbose : bool, optional
            Whether to say where the file is; by default it is said.
        input_signature : None
            Not supported: the inputs are those of the model.

        Raises
        ------
        ValueError
            For another format, or a model that is not built.
        NotImplementedError
            If the model has something that ONNX cannot express.
        """
        check_default("export", input_signature=(input_signature, None))
        from .onnx_file import export_model

        export_model(self, filepath, format)
        if verbose is None or verbose:
            print(f"Saved artifact at '{filepath}'.")

    def to_json(self, **options):
        """The model without its weights as JSON in Keras' schema; ``options`` are those of ``json.dumps``."""
        import json

        from .configs import serialize_model

        return json.dumps(serialize_model(self), **options)

    def get_compile_config(self):
        """The arguments of ``compile`` in Keras' schema; empty where the model is not compiled."""
        from .configs import compile_config

        return {} if self.loss is None else compile_config(self)

    def compile_from_config(self, config):
        """Compile the model as ``get_compile_config`` said."""
        from .configs import compile_from_config

        compile_from_config(self, config, where="config")

    # Looking inside

    def trace(self, x, y, sample_weight=None):
        """Every array of one training step on these rows, under the lecture notes' names: Z1, A1, dW1, ...

        The model does not learn from it. Print the result, or take ``trace["dW1"]``.

        Returns
        -------
        fastnn.glassbox.Trace
        """
        from ..glassbox import Trace
        from ..one_step import copy_for_a_step

        return Trace(*copy_for_a_step(self._compiled("trace"), x, y, sample_weight))

    def step(self, x, y, sample_weight=None):
        """Go through one training step op by op; see :meth:`fastnn.trainer.Trainer.step`."""
        return self._compiled("step").step(x, y, sample_weight)

    def disassemble(self, *sections):
        """The compiled program as text, one op a line; by default all that training runs."""
        trainer = self._any_trainer()
        if not sections:
            sections = ("predict",) if trainer.optimizer is None else ("forward", "backward", "update")
        return trainer.program.disassemble(*sections)

    def explain_plan(self, callbacks=()):
        """What training runs natively and what it does not, and why: layers, loss, metrics and ``callbacks``."""
        from ..explain import explain, explain_steps

        if self.has_own_steps:
            return explain_steps(self, [step for step in STEPS if self.is_own(step)], callbacks)
        trainer = self._any_trainer()
        return explain(self, trainer, trainer.program, callbacks)

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
        from ..summary import print_summary

        print_summary(
            self.name,
            self._summary_rows(),
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
        """As Keras counts: slots, single numbers and learning rate (4 bytes), iterations (8); None before training."""
        if self.optimizer is None or not self.optimizer.batches:
            return None
        slots = self._size(self.trainable_weights, len(self.optimizer.all_slots))
        single = 1 + self.optimizer.scalars
        return slots._replace(count=slots.count + single + 1, nbytes=slots.nbytes + 4 * single + 8)


def _batch_size(batch_size):
    return 32 if batch_size is None else check_int(batch_size, "batch_size", 1)


def _results(logs, return_dict):
    """Results as Keras gives them: a dict, a list, or where there is only the loss, a number."""
    if return_dict:
        return dict(sorted(logs.items()))
    values = list(logs.values())
    return values[0] if len(values) == 1 else values

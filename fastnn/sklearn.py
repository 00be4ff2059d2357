"""Models as estimators of scikit-learn: ``KerasClassifier`` and ``KerasRegressor`` of ``keras.wrappers.scikit_learn``.

scikit-learn itself is needed only by whoever uses it; it is imported only when it asks for an estimator's tags.
"""

import copy
import inspect

import numpy as np

from . import losses
from .legacy import warn_old
from .models import Model
from .utils import to_categorical

PREFIX = "model__"
"""Marks an argument for the function that builds the model, where the name alone would not."""


def _takes(function):
    """Names of the arguments of a function that have names."""
    parameters = inspect.signature(function).parameters.values()
    return {p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)} - {"self", "x", "y"}


def _renamed(params):
    """The arguments under today's names."""
    if "nb_epoch" not in params:
        return params
    warn_old("nb_epoch=...", "epochs=...")
    return {"epochs" if name == "nb_epoch" else name: value for name, value in params.items()}


class _Wrapper:
    """What both wrappers share.

    Parameters
    ----------
    build_fn : callable
        Returns a compiled model. Called by each ``fit`` with those of the arguments below that it takes.
        ``model`` is another name for it.
    **sk_params
        Arguments of ``build_fn`` (their names may begin with ``model__``), and of ``fit``, ``evaluate`` and
        ``predict``, such as ``epochs``.

    Attributes
    ----------
    model_ : Model
        As ``fit`` left it; also called ``model``.

    Raises
    ------
    TypeError
        If ``build_fn`` cannot be called, or none of these takes an argument of that name.
    """

    _methods = (Model.fit, Model.evaluate, Model.predict)

    def __init__(self, build_fn=None, **sk_params):
        if build_fn is None:
            build_fn, self._builder_name = sk_params.pop("model", None), "model"
        else:
            self._builder_name = "build_fn"
        if build_fn is None and hasattr(self, "__call__"):  # noqa: B004 (a subclass may build the model itself)
            build_fn = self.__call__
            self._builder_name = None
        if not callable(build_fn):
            raise TypeError(f"build_fn must be a function that returns a compiled model, got {build_fn!r}")
        self.build_fn = build_fn
        self.sk_params = _renamed(sk_params)
        self._check(self.sk_params)

    def _check(self, params):
        known = set().union(*(_takes(function) for function in (self.build_fn, *self._methods)))
        takes_all = any(
            p.kind == p.VAR_KEYWORD for p in inspect.signature(self.build_fn).parameters.values()
        )
        for name in params:
            if name.removeprefix(PREFIX) not in known and not takes_all:
                raise TypeError(
                    f"{type(self).__name__}: neither the function that builds the model nor fit, evaluate or predict "
                    f"takes {name!r}; they take {', '.join(sorted(known))}"
                )

    def get_params(self, deep=True):
        """All arguments, as scikit-learn asks for them."""
        builder = {self._builder_name: self.build_fn} if self._builder_name else {}
        return {**builder, **self.sk_params}

    def set_params(self, **params):
        """Change arguments; returns the estimator."""
        for name in ("build_fn", "model"):
            if name in params:
                self.build_fn, self._builder_name = params.pop(name), name
        params = _renamed(params)
        self._check(params)
        self.sk_params = {**self.sk_params, **params}
        return self

    def fit(self, x, y, **kwargs):
        """Build a model and train it; returns the History, as the wrappers of Keras did."""
        self.model = self.model_ = self.build_fn(**self._arguments(self.build_fn))
        loss = losses.get(self.model_.loss) if self.model_.loss is not None else None
        if isinstance(loss, losses.CategoricalCrossentropy) and np.ndim(y) == 1:
            y = to_categorical(y)
        self.history_ = self.model_.fit(x, y, **{**self._arguments(Model.fit), **kwargs})
        return self.history_

    def _arguments(self, function):
        """Those of the arguments that a function takes."""
        parameters = inspect.signature(function).parameters
        takes_all = function is self.build_fn and any(p.kind == p.VAR_KEYWORD for p in parameters.values())
        taken = _takes(function)
        if function is self.build_fn:
            taken |= {PREFIX + name for name in taken}
        return {
            name.removeprefix(PREFIX): copy.deepcopy(value)
            for name, value in self.sk_params.items()
            if name in taken or takes_all
        }

    def _fitted(self):
        if not hasattr(self, "model_"):
            raise ValueError(f"{type(self).__name__}: call fit first")
        return self.model_

    def _predict(self, x, kwargs):
        return self._fitted().predict(x, **{"verbose": 0, **self._arguments(Model.predict), **kwargs})

    def _evaluate(self, x, y, kwargs):
        arguments = {"verbose": 0, **self._arguments(Model.evaluate), **kwargs}
        return self._fitted().evaluate(x, y, return_dict=True, **arguments)

    # Asked for by scikit-learn 1.6 and later, which need not be installed.

    def __sklearn_tags__(self):
        from sklearn.utils import ClassifierTags, RegressorTags, Tags, TargetTags

        kind = self._estimator_type
        return Tags(
            estimator_type=kind,
            target_tags=TargetTags(required=True),
            classifier_tags=ClassifierTags() if kind == "classifier" else None,
            regressor_tags=RegressorTags() if kind == "regressor" else None,
        )

    def __sklearn_is_fitted__(self):
        return hasattr(self, "model_")

    def __repr__(self):
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in self.get_params().items())})"


class KerasClassifier(_Wrapper):
    """A model that tells classes apart, as an estimator of scikit-learn; see the parameters of both wrappers.

    Attributes
    ----------
    classes_ : numpy.ndarray
        The classes; the model is trained with their numbers.
    """

    _estimator_type = "classifier"

    def fit(self, x, y, **kwargs):
        """Build a model and train it with the classes in ``y``, which may be numbers, texts or one-hot rows."""
        y = np.asarray(y)
        if y.ndim == 2 and y.shape[1] > 1:
            self.classes_ = np.arange(y.shape[1])
        else:
            self.classes_, y = np.unique(y.reshape(-1), return_inverse=True)
        self.n_classes_ = len(self.classes_)
        return super().fit(x, y, **kwargs)

    def predict(self, x, **kwargs):
        """The class of each row: (n,)."""
        outputs = self._predict(x, kwargs)
        numbers = outputs.argmax(axis=-1) if outputs.shape[-1] > 1 else (outputs[:, 0] > 0.5).astype(int)
        return self.classes_[numbers]

    def predict_proba(self, x, **kwargs):
        """The probability of each class: (n, classes)."""
        outputs = self._predict(x, kwargs)
        return np.hstack([1 - outputs, outputs]) if outputs.shape[1] == 1 else outputs

    def score(self, x, y, **kwargs):
        """The accuracy.

        Raises
        ------
        ValueError
            If the model does not measure accuracy.
        """
        y = np.asarray(y)
        if not (y.ndim == 2 and y.shape[1] > 1):
            y = np.searchsorted(self.classes_, y.reshape(-1))
            if isinstance(losses.get(self._fitted().loss), losses.CategoricalCrossentropy):
                y = to_categorical(y, len(self.classes_))
        for name, value in self._evaluate(x, y, kwargs).items():
            if name in ("accuracy", "acc") or name.endswith("_accuracy"):
                return value
        raise ValueError("score needs a model that measures accuracy: compile(..., metrics=['accuracy'])")


class KerasRegressor(_Wrapper):
    """A model that predicts numbers, as an estimator of scikit-learn; see the parameters of both wrappers."""

    _estimator_type = "regressor"

    def predict(self, x, **kwargs):
        """The prediction for each row: (n,), or (n, outputs)."""
        outputs = self._predict(x, kwargs)
        return outputs[:, 0] if outputs.shape[1] == 1 else outputs

    def score(self, x, y, **kwargs):
        """Minus the loss, so that larger is better."""
        return -self._evaluate(x, y, kwargs)["loss"]

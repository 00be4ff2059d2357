"""The net between symbolic tensors."""

from .base import Model


class Functional(Model):
    """What ``Model(inputs, outputs)`` returns.

    Example
    -------
    >>> from fastnn import Input, Model, layers
    >>> x = Input((4,))
    >>> h = layers.Dense(3, activation="relu")(x)
    >>> model = Model(x, layers.Dense(1)(layers.concatenate([x, h])))
    >>> model.input_shape, model.output_shape
    ((None, 4), (None, 1))
    """

    def get_config(self):
        """Layers and their calls in Keras' schema, from which ``from_config`` makes a model like this one."""
        from .configs import config_of

        return config_of(self)

"""The dense layer: y = activation(x W + b)."""

from .. import activations, constraints, initializers, regularizers
from ..checks import check_bool, check_default, check_int
from ..legacy import old_arguments
from .base import Layer


class Dense(Layer):
    """y = activation(x W + b), with W ``kernel`` (inputs, units) and b ``bias`` (units,).

    Parameters
    ----------
    units : int
        Number of outputs.
    activation : str, activation or callable, optional
        By default none. A layer without weights that computes elementwise, such as ``LeakyReLU(0.1)``, counts as
        one, and so does a function of one's own made of ``keras.ops``.
    use_bias : bool
    kernel_initializer, bias_initializer : str or Initializer
    kernel_regularizer, bias_regularizer, activity_regularizer : str or Regularizer, optional
        Penalties that are added to the loss; that of the output is its mean over the rows.
    kernel_constraint, bias_constraint : str or Constraint, optional
        Limits that are kept after each update.
    input_shape : tuple of int, optional
        Shape of one row, where this is the first layer of a model.
    name, trainable
        As for every layer.

    Raises
    ------
    ValueError
        If ``units`` is not a positive integer, or a name is not known.
    """

    @old_arguments(
        output_dim="units",
        init="kernel_initializer",
        bias="use_bias",
        W_regularizer="kernel_regularizer",
        b_regularizer="bias_regularizer",
        W_constraint="kernel_constraint",
        b_constraint="bias_constraint",
    )
    def __init__(
        self,
        units,
        activation=None,
        use_bias=True,
        kernel_initializer="glorot_uniform",
        bias_initializer="zeros",
        kernel_regularizer=None,
        bias_regularizer=None,
        activity_regularizer=None,
        kernel_constraint=None,
        bias_constraint=None,
        lora_rank=None,
        lora_alpha=None,
        quantization_config=None,
        *,
        input_shape=None,
        name=None,
        trainable=True,
    ):
        check_default(
            "Dense", lora_rank=(lora_rank, None), lora_alpha=(lora_alpha, None),
            quantization_config=(quantization_config, None),
        )  # fmt: skip
        self.units = check_int(units, "Dense: units", 1)
        self.activation = activations.get(activation)
        self.use_bias = check_bool(use_bias, "Dense: use_bias")
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.activity_regularizer = regularizers.get(activity_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.bias_constraint = constraints.get(bias_constraint)
        super().__init__(name, trainable, input_shape)

    def compute_output_shape(self, input_shape):
        if len(input_shape) != 2:
            raise ValueError(
                f"{self}: expected inputs of shape (None, features), got {input_shape}; "
                "put a Flatten layer before it"
            )
        return (None, self.units)

    def add_parameters(self, input_shape):
        kernel = self.add_parameter("kernel", (input_shape[1], self.units), self.kernel_initializer)
        kernel.regularizer, kernel.constraint = self.kernel_regularizer, self.kernel_constraint
        if self.use_bias:
            bias = self.add_parameter("bias", (self.units,), self.bias_initializer)
            bias.regularizer, bias.constraint = self.bias_regularizer, self.bias_constraint

    def emit(self, builder, x):
        kernel = self.emit_parameter(builder, "kernel")
        bias = self.emit_parameter(builder, "bias") if self.use_bias else None
        y = self.activation.emit(builder, builder.emit("dense", x, kernel, bias))
        if self.activity_regularizer is not None:
            self.activity_regularizer.penalise_rows(builder, y)
        return y

    def get_config(self):
        config = {
            **super().get_config(),
            "units": self.units,
            "activation": activations.serialize(self.activation),
            "use_bias": self.use_bias,
            "kernel_initializer": initializers.serialize(self.kernel_initializer),
            "bias_initializer": initializers.serialize(self.bias_initializer),
            "kernel_regularizer": regularizers.serialize(self.kernel_regularizer),
            "bias_regularizer": regularizers.serialize(self.bias_regularizer),
            "kernel_constraint": constraints.serialize(self.kernel_constraint),
            "bias_constraint": constraints.serialize(self.bias_constraint),
        }
        if self.activity_regularizer is not None:  # as in Keras, where it belongs to every layer
            config["activity_regularizer"] = regularizers.serialize(self.activity_regularizer)
        return config

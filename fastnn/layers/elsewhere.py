"""Keras' layers that fastnn has not: each can be imported, as many scripts import more than they use, but not made."""

from ..legacy import warn_old

_REASONS = {
    "images": (
        "convolutions and pooling are for images: put Flatten() before Dense layers, or take the features from another "
        "library",
        """Conv1D Conv2D Conv3D Convolution1D Convolution2D Convolution3D Conv1DTranspose Conv2DTranspose
        Conv3DTranspose SeparableConv1D SeparableConv2D DepthwiseConv1D DepthwiseConv2D MaxPooling1D
        MaxPooling2D MaxPooling3D MaxPool1D MaxPool2D MaxPool3D AveragePooling1D AveragePooling2D
        AveragePooling3D AvgPool1D AvgPool2D AvgPool3D GlobalMaxPooling1D GlobalMaxPooling2D
        GlobalMaxPooling3D GlobalAveragePooling1D GlobalAveragePooling2D GlobalAveragePooling3D
        GlobalMaxPool1D GlobalMaxPool2D GlobalAvgPool1D GlobalAvgPool2D AdaptiveAveragePooling2D
        ZeroPadding1D ZeroPadding2D ZeroPadding3D Cropping1D Cropping2D Cropping3D UpSampling1D UpSampling2D
        UpSampling3D SpatialDropout1D SpatialDropout2D SpatialDropout3D GroupNormalization CenterCrop
        RandomBrightness RandomContrast RandomCrop RandomFlip RandomRotation RandomTranslation RandomZoom
        Resizing""",
    ),
    "sequences": (
        "recurrent layers are for sequences: give the last steps as columns of a row, and put Flatten() before Dense "
        "layers",
        """LSTM GRU SimpleRNN RNN LSTMCell GRUCell SimpleRNNCell StackedRNNCells Bidirectional TimeDistributed
        ConvLSTM1D ConvLSTM2D ConvLSTM3D Masking MultiHeadAttention Attention AdditiveAttention
        GroupQueryAttention""",
    ),
    "words": (
        "words become numbers beforehand: numpy.unique(words, return_inverse=True) numbers them, and CategoryEncoding "
        "makes columns of the numbers",
        "Embedding ReversibleEmbedding StringLookup IntegerLookup TextVectorization Hashing HashedCrossing",
    ),
    "normalisation": (
        "LayerNormalization, UnitNormalization and BatchNormalization are there",
        "RMSNormalization SpectralNormalization",
    ),
    "dense": ("use Dense", "EinsumDense"),
    "wrappers": ("subclass Layer and call the other layer in call()", "Wrapper TFSMLayer JaxLayer TorchModuleWrapper"),
}

INSTEAD = {name: reason for reason, names in _REASONS.values() for name in names.split()}
"""What to use instead, by the layer's name."""


def stand_in(name):
    """A class of this name that says, when it is called, what to use instead."""

    def refuse(self, *args, **options):
        raise NotImplementedError(f"{name}: fastnn trains dense networks and has no such layer; {INSTEAD[name]}")

    return type(name, (), {"__init__": refuse, "__doc__": f"Not in fastnn: {INSTEAD[name]}."})


def thresholded_relu(theta=1.0, **options):
    """Keras 2's ``ThresholdedReLU``: x where it is above ``theta``, else 0."""
    from .relu import ReLU

    warn_old("ThresholdedReLU(theta=...)", "ReLU(threshold=...)")
    return ReLU(threshold=theta, **options)

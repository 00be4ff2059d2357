"""The nets of the benchmark, as data. All end in softmax and cross-entropy and learn class numbers."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Net:
    """One net and how it is trained.

    Attributes
    ----------
    name : str
    sizes : tuple of int
        Numbers per row of the input, of each hidden layer and of the output.
    activation : {"relu", "sigmoid"}
        Of the hidden layers.
    optimizer : {"sgd", "adam"}
        With fastnn's defaults but for the learning rate.
    learning_rate : float
    batch : int
    dropout : float
        Rate after each hidden layer; only for nets of ReLU, see ``numpy_twin``.
    data : {"mnist", "iris"}
    repeats : int
        Epochs that count as one, where a single one is too short to be timed.
    check_steps : int
        Steps after which the weights of fastnn and of NumPy are compared.
    slow : bool
        Takes more than two seconds an epoch; left out of a quick run.
    """

    name: str
    sizes: tuple[int, ...]
    activation: str
    optimizer: str
    learning_rate: float
    batch: int
    dropout: float = 0.0
    data: str = "mnist"
    repeats: int = 1
    check_steps: int = 30
    slow: bool = False


NETS = {
    net.name: net
    for net in (
        Net("softmax-regression", (784, 10), "relu", "sgd", 0.5, 128, repeats=3),
        Net("sigmoid-3x128", (784, 128, 128, 128, 10), "sigmoid", "sgd", 1.0, 32),
        Net("relu-5x128", (784, 128, 128, 128, 128, 128, 10), "relu", "sgd", 0.1, 32),
        Net("quickstart", (784, 128, 10), "relu", "adam", 0.001, 32, dropout=0.2),
        Net("blog-300-200-100", (784, 300, 200, 100, 10), "relu", "adam", 0.001, 32, slow=True),
        Net("iris-batch1", (4, 30, 16, 3), "relu", "adam", 0.001, 1, 0, "iris", repeats=50, check_steps=120),
        Net("fullbatch", (784, 128, 10), "relu", "sgd", 0.5, 60000, check_steps=3),
        Net("wide-1024", (784, 1024, 1024, 10), "relu", "adam", 0.001, 256, check_steps=5, slow=True),
    )
}
"""By name, in the order of the table."""


def find(names, quick=False):
    """The nets with these names; without names all, or all that are not slow.

    Raises
    ------
    ValueError
        For an unknown name; the message lists the known ones.
    """
    unknown = [name for name in names if name not in NETS]
    if unknown:
        raise ValueError(f"unknown net {unknown[0]!r}; expected some of {', '.join(NETS)}")
    return [NETS[name] for name in names] or [net for net in NETS.values() if not (quick and net.slow)]


def load_data(net):
    """Training and test rows of a net: ``(x, labels), (x_test, labels_test)`` as float32 and int32."""
    from .. import datasets

    scale = 255 if net.data == "mnist" else 1
    parts = datasets.mnist.load_data() if net.data == "mnist" else datasets.iris.load_data()
    return tuple(
        (x.reshape(len(x), -1).astype("float32") / scale, labels.astype("int32")) for x, labels in parts
    )


def make_trainer(net, seed=0, threads=None):
    """A trainer of the net whose weights, order of rows and dropout masks follow from ``seed``."""
    from .. import Input, Sequential, Trainer, optimizers, utils
    from ..layers import Dense, Dropout

    utils.set_random_seed(seed)
    model = Sequential([Input(net.sizes[:1])])
    for units in net.sizes[1:-1]:
        model.add(Dense(units, net.activation))
        if net.dropout:
            model.add(Dropout(net.dropout))
    model.add(Dense(net.sizes[-1], "softmax"))
    optimizer = optimizers.get(net.optimizer)
    optimizer.learning_rate = net.learning_rate
    loss = "sparse_categorical_crossentropy"
    return Trainer(model, optimizer, loss, backend="native", threads=threads, seed=seed)

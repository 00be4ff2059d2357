"""PyTorch: an eager loop over shuffled rows, with the fused optimizers of the CPU."""

import torch
from torch import nn
from torch.nn import functional


class Peer:
    def __init__(self, net, weights, data, threads, seed):
        torch.set_num_threads(threads)
        torch.manual_seed(seed)
        self._net = net
        (x, labels), (x_test, labels_test) = data
        self._train = torch.from_numpy(x), torch.from_numpy(labels).long()
        self._test = torch.from_numpy(x_test), torch.from_numpy(labels_test).long()
        layers, linear = [], []
        for inputs, units in zip(net.sizes[:-1], net.sizes[1:], strict=True):
            if linear:
                layers.append(nn.ReLU() if net.activation == "relu" else nn.Sigmoid())
                if net.dropout:
                    layers.append(nn.Dropout(net.dropout))
            linear.append(nn.Linear(inputs, units))
            layers.append(linear[-1])
        self._model = nn.Sequential(*layers)
        with torch.no_grad():
            for layer, kernel, bias in zip(linear, weights[::2], weights[1::2], strict=True):
                layer.weight.copy_(torch.from_numpy(kernel.T.copy()))
                layer.bias.copy_(torch.from_numpy(bias))
        optimizer = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}[net.optimizer]
        options = {"eps": 1e-7} if net.optimizer == "adam" else {}
        self._optimizer = optimizer(self._model.parameters(), lr=net.learning_rate, fused=True, **options)

    def train(self, epochs):
        """Train for some epochs."""
        x, labels = self._train
        self._model.train()
        for _ in range(epochs):
            for rows in torch.randperm(len(x)).split(self._net.batch):
                self._optimizer.zero_grad(set_to_none=True)
                loss = functional.cross_entropy(self._model(x[rows]), labels[rows])
                loss.backward()
                self._optimizer.step()

    def accuracy(self):
        """Share of the test rows that are told right."""
        x, labels = self._test
        self._model.eval()
        with torch.no_grad():
            return float((self._model(x).argmax(dim=1) == labels).float().mean())

    def predict(self, x):
        """Probabilities for some rows."""
        self._model.eval()
        with torch.inference_mode():
            return torch.softmax(self._model(torch.from_numpy(x)), dim=1).numpy()

    def describe(self):
        """Name, version, and what it runs on."""
        return f"PyTorch {torch.__version__}"


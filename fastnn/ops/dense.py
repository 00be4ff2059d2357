"""The dense product Y = XW + b and its gradients.

Letters: B rows of the batch, I inputs, O outputs (units). For L the loss and dY = dL/dY, the chain rule gives

    dL/dW[i, o] = sum_b X[b, i] dY[b, o]     so  dW = X^T dY
    dL/db[o]    = sum_b dY[b, o]             so  db = column sums of dY
    dL/dX[b, i] = sum_o dY[b, o] W[i, o]     so  dX = dY W^T

Source: Goodfellow, Bengio, Courville, "Deep Learning" (2016), section 6.5.6, equations for matrix products.
"""

from .kind import OpKind


class Dense(OpKind):
    """Y = X W + b."""

    name = "dense"
    signature = "BO <- BI, IO, O?"
    results = ("z",)

    def compute(self, step, x, w, b=None):
        y = x @ w
        return y if b is None else y + b

    def backward(self, builder, op, dy):
        x, w, b = op.inputs
        # The gradient of the input is taken first: it needs W as the forward pass saw it, before any update of W.
        if builder.needs_gradient(x):
            builder.add_gradient(x, builder.emit("dense_dx", dy, w, name=builder.gradient_name(x)))
        builder.add_gradient(w, builder.emit("dense_dw", x, dy, name=builder.gradient_name(w)))
        if b is not None:
            builder.add_gradient(b, builder.emit("dense_db", dy, name=builder.gradient_name(b)))


class DenseDX(OpKind):
    """dX = dY W^T. Also a product with a transposed weight; then for G = dL/dX, dL/dY = G W and dL/dW = G^T Y."""

    name = "dense_dx"
    signature = "BI <- BO, IO"

    def compute(self, step, dy, w):
        return dy @ w.T

    def backward(self, builder, op, dy):
        y, w = op.inputs
        if builder.needs_gradient(y):
            builder.add_gradient(y, builder.emit("dense", dy, w, None, name=builder.gradient_name(y)))
        builder.add_gradient(w, builder.emit("dense_dw", dy, y, name=builder.gradient_name(w)))


class DenseDW(OpKind):
    """dW = X^T dY."""

    name = "dense_dw"
    signature = "IO <- BI, BO"

    def compute(self, step, x, dy):
        return x.T @ dy


class DenseDB(OpKind):
    """db = sum of the rows of dY."""

    name = "dense_db"
    signature = "O <- BO"

    def compute(self, step, dy):
        return dy.sum(axis=0)

"""The compiler: collects the ops that layers, losses and optimizers emit, and makes a program of them.

A layer *emits* ops; it computes nothing. :class:`ProgramBuilder` walks the forward list in reverse to derive the
backward list (each op kind knows its own), and appends the optimizer's ops.
"""

from contextlib import contextmanager

from .loss_part import LossPart
from .ops import KINDS, ROWS, OpKind
from .program import SECTIONS, Buffer, Op, Program, ProgramError
from .pruning import at_inference, needed


class ProgramBuilder:
    """Collects buffers and ops, derives the backward list, and makes the :class:`Program`.

    Example
    -------
    >>> b = ProgramBuilder()
    >>> x = b.input(2)
    >>> w = b.parameter("kernel", (2, 1))
    >>> y = b.emit("dense", x, w, None)
    >>> d = b.loss("mean_squared_error", y, b.target((1,)))
    >>> b.backward(d)
    >>> b.update("sgd")
    >>> print(b.build(y).disassemble())
    forward:
        dense                            z(B, 1) <- x(B, 2), kernel(2, 1)
        mean_squared_error               loss(B), dz(B, 1) <- z(B, 1), target(B, 1)
    backward:
        dense_dw                         dkernel(2, 1) <- x(B, 2), dz(B, 1)
    update:
        sgd                              kernel(2, 1) <- dkernel(2, 1)
    """

    def __init__(self):
        self._buffers = []
        self._sections = {name: [] for name in SECTIONS}
        self._section = "forward"
        self._scope = ()
        self._training = None  # what the layers at work were called with; None: as the program runs
        self._as_trained = set()  # first outputs of ops that are at inference what they are in training
        self._instead = {}  # buffer -> the one that takes its place at inference
        self._penalties = {}  # buffer -> numbers of its penalty
        self._penalty_kinds = {}  # parameter -> ops of its penalty, where they are not the usual ones
        self._penalised = False  # whether the loss has them
        self._added_losses = []  # (buffer, name) of what layers add to the loss
        self._constraints = {}  # parameter -> the op that limits it after each update, and its attributes
        self._followed = []  # (moving average, what it follows, momentum)
        self._every = 1  # of the update ops that are emitted now
        self._gradients = {}  # buffer -> buffer of its gradient
        self._parameters = {}  # whose parameter -> buffer
        self._constant = set()  # buffers on which nothing that is trained has an effect
        self._input = None
        self._targets, self._weights = [], []

    @contextmanager
    def scope(self, name):
        """Within this context the names of new buffers start with ``name/``."""
        self._scope += (name,)
        try:
            yield
        finally:
            self._scope = self._scope[:-1]

    def input(self, features, differentiable=False):
        """The data's rows, (B, features); ``differentiable`` where their own gradient is wanted."""
        self._input = self._add("x", (ROWS, features), "input")
        if not differentiable:
            self._constant.add(self._input)
        return self._input

    def target(self, shape, integer=False):
        """What a loss compares with: (B, *shape)."""
        self._targets.append(self._add("target", (ROWS, *shape), "target", integer))
        self._constant.add(self._targets[-1])
        return self._targets[-1]

    def weight(self):
        """The weight of each row, (B), for the loss and metrics that are given it."""
        self._weights.append(self._add("weight", (ROWS,), "weight"))
        return self._weights[-1]

    @contextmanager
    def training(self, mode):
        """Within this context ops are always as in training (True) or as at inference (False); None changes nothing."""
        before = self._training
        self._training = before if mode is None else bool(mode)
        try:
            yield
        finally:
            self._training = before

    def parameter(self, name, shape, trainable=True, key=None):
        """A trained array, named as given (a parameter's name is the same in any program).

        ``key`` is whose parameter it is: who asks again with the same key gets the same buffer.
        """
        if key in self._parameters:
            return self._parameters[key]
        index = self._add(name, tuple(shape), "parameter", scoped=False)
        if not trainable:
            self._constant.add(index)
        if key is not None:
            self._parameters[key] = index
        return index

    @property
    def at_inference(self):
        """Whether ops are emitted as they are at inference, for training too."""
        return self._training is False

    def instead(self, buffer, at_inference):
        """At inference ``at_inference`` takes the place of ``buffer`` for all that reads it; returns ``buffer``.

        Both are emitted before what reads them, and ``buffer`` is the output of an op. Where layers are always as in
        training, or always as at inference, it is one of the two.
        """
        if self._training is not None:
            return buffer if self._training else at_inference
        self._instead[buffer] = at_inference
        return buffer

    def penalise(self, buffer, l1, l2):
        """Add l1 sum(abs(a)) + l2 sum(a^2) to the loss that is emitted later: a parameter's, or an activation's.

        An activation's penalty is its mean over the rows.
        """
        self._penalties[buffer] = {"l1": l1, "l2": l2}

    def penalise_by(self, parameter, kind, gradient_kind):
        """Add to the loss what the op ``kind`` makes of a parameter; ``gradient_kind`` is to the gradient what it is
        to the loss.
        """
        self._penalties[parameter] = {"factor": 1.0}
        self._penalty_kinds[parameter] = kind, gradient_kind

    def add_loss(self, buffer, name=None):
        """Add to the loss that is emitted later the mean over the rows of a buffer (B, 1)."""
        self._added_losses.append((buffer, name or "/".join((*self._scope, "added_loss"))))

    @contextmanager
    def added_losses(self):
        """Within this context losses that are added go to the list that it is."""
        before, self._added_losses = self._added_losses, []
        try:
            yield self._added_losses
        finally:
            self._added_losses = before

    def constrain(self, parameter, kind, **attributes):
        """Let the op ``kind`` change the parameter in place after each update."""
        self._constraints[parameter] = kind, attributes

    def follow(self, parameter, buffer, momentum):
        """In each training step: parameter = momentum parameter + (1 - momentum) buffer."""
        self._followed.append((parameter, buffer, momentum))

    def parameter_names(self):
        """``{key: name of the buffer}`` of the parameters that were asked for with a key."""
        return {key: self._buffers[index].name for key, index in self._parameters.items()}

    def emit(self, kind, *inputs, name=None, **attributes):
        """Append the op ``kind`` to the current section; return its output buffer (a tuple if it has several)."""
        kind = kind if isinstance(kind, OpKind) else KINDS[kind]
        if self.at_inference:
            if kind.identity_at_inference:
                return inputs[0]
            kind = kind.at_inference or kind
        shapes = [None if i is None else self._buffers[i].shape for i in inputs]
        try:
            shapes = kind.output_shapes(shapes, attributes)
        except ValueError as error:
            raise ProgramError(f"{'/'.join(self._scope)} {kind.name}: {error}") from None
        role = "activation" if self._section == "forward" else None
        names = name if isinstance(name, list) else [name] * len(shapes)
        outputs = tuple(
            self._add(name or result, shape, role or ("delta" if ROWS in shape else "gradient"), scoped=name is None)
            for name, result, shape in zip(names, kind.results, shapes, strict=True)
        )
        self._sections[self._section].append(Op(kind, outputs, inputs, attributes))
        if self._training:
            self._as_trained.add(outputs[0])
        if not any(self.needs_gradient(i) for i in inputs if i is not None):
            self._constant.update(outputs)
        return outputs[0] if len(outputs) == 1 else outputs

    def buffer(self, index):
        """The :class:`Buffer` with this index: its name, shape, role."""
        return self._buffers[index]

    def next_stream(self):
        """Number of the next op that draws random numbers: it tells them apart, as they share a key."""
        return sum("stream" in op.kind.attributes for op in self._sections["forward"])

    def source(self, buffer):
        """The op that writes ``buffer`` in the forward list, or None (the input)."""
        return next((op for op in self._sections["forward"] if buffer in op.outputs), None)

    def loss(self, kind, prediction, target, **options):
        """Append a loss to the forward list; return ``prediction``, whose gradient is now known.

        ``options`` are those of a :class:`LossPart`, and the loss's attributes.
        """
        own = {name: options.pop(name) for name in ("weight", "weigh", "after", "factor") if name in options}
        self.losses([LossPart(kind, prediction, target, options, **own)])
        return prediction

    def losses(self, parts):
        """Append the loss that is the sum of these :class:`LossPart` s; then the predictions have their gradients.

        Where there are several, each is a value of the program too, before it is multiplied with its factor.
        """
        total = self._add("loss", (ROWS,), "value", scoped=False)
        value = self._add("unpenalised/loss", (ROWS,), "delta", scoped=False) if self._penalties else total
        whole = self._like("main/loss", total) if self._added_losses else value
        if len(parts) == 1:
            self._emit_loss(parts[0], whole=whole)
        else:
            own = [self._add(part.name, (ROWS,), "value", scoped=False) for part in parts]
            self._sum_up([self._emit_loss(*part_and_own) for part_and_own in zip(parts, own, strict=True)], whole)
        if self._added_losses:
            added = [(LossPart("row_value", x, None, {}), self._like(name, total)) for x, name in self._added_losses]
            self._sum_up([whole, *(self._emit_loss(part, whole=own) for part, own in added)], value)
        if self._penalties:
            self._add_penalties(total, value)
            self._penalised = True

    def _emit_loss(self, part, value=None, whole=None):
        """Forward ops of one loss. Its value goes to the buffer ``value``, and with the factor applied to ``whole``.

        Returns the buffer of the latter.
        """
        delta = self._like(self.gradient_name(part.prediction), part.prediction)
        stages, results = part.stages(), None
        end, like = len(stages) - 1, whole if value is None else value
        places = {end: whole} if value is None else {end - (part.factor != 1): value}
        names = {"weigh_loss": "unweighted", "weigh_loss_mean": "unweighted"}
        for i, (kind, operands, numbers) in enumerate(stages):
            inputs = operands if results is None else (results[1], results[0], *operands)
            prefix = "scaled" if i == end else names.get(stages[i + 1][0], "unscaled")
            own = places[i] if i in places else self._like(f"{prefix}/{self._buffers[like].name}", like)
            d = delta if i == end else self._like(f"{prefix}/{self._buffers[delta].name}", delta)
            results = own, d
            op_kind = kind if isinstance(kind, OpKind) else KINDS[kind]
            self._sections["forward"].append(Op(op_kind, results, inputs, numbers))
        self.add_gradient(part.prediction, delta)
        return results[0]

    def _sum_up(self, buffers, total):
        """Forward ops: total = the sum of these, one after the other."""
        so_far = buffers[0]
        for buffer in buffers[1:]:
            own = total if buffer is buffers[-1] else self._like("sum/loss", total)
            self._sections["forward"].append(Op(KINDS["add"], (own,), (so_far, buffer), {}))
            so_far = own

    def _like(self, name, buffer):
        """A new buffer for the loss, of this one's shape."""
        return self._add(name, self._buffers[buffer].shape, "delta", scoped=False)

    def _add_penalties(self, total, value):
        """Forward ops: total = value and all penalties."""
        forward, of_parameters = self._sections["forward"], None
        for buffer, numbers in self._penalties.items():
            if ROWS not in self._buffers[buffer].shape:
                so_far = of_parameters
                of_parameters = self._add(f"{self._buffers[buffer].name}/penalty", (1,), "delta", scoped=False)
                kind = self._penalty_kinds.get(buffer, (KINDS["penalty"],))[0]
                forward.append(Op(kind, (of_parameters,), (buffer, so_far), numbers))
        parts = [("add_penalty", of_parameters)] if of_parameters is not None else []
        for buffer, numbers in self._penalties.items():
            if ROWS in self._buffers[buffer].shape:
                part = self._add(f"{self._buffers[buffer].name}/penalty", (ROWS,), "delta", scoped=False)
                forward.append(Op(KINDS["activity_penalty"], (part,), (buffer,), numbers))
                parts.append(("add", part))
        for position, (kind, part) in enumerate(parts, 1):
            last = position == len(parts)
            sum_so_far = total if last else self._add("unpenalised/loss", (ROWS,), "delta", scoped=False)
            forward.append(Op(KINDS[kind], (sum_so_far,), (value, part)))
            value = sum_so_far

    def _penalty_gradients(self, of_parameters):
        """Backward ops: what the penalties add to the gradients; nothing where there is no loss that has them."""
        for buffer, numbers in self._penalties.items() if self._penalised else ():
            gradient = self._gradients.get(buffer)
            if of_parameters and buffer in self._trained():
                kind = self._penalty_kinds.get(buffer, (KINDS["penalty_grad"],))[-1]
                self._sections["backward"].append(Op(kind, (gradient,), (gradient, buffer), numbers))
            elif not of_parameters and ROWS in self._buffers[buffer].shape and self.needs_gradient(buffer):
                self.add_gradient(buffer, self._gradient_op("activity_penalty_grad", buffer, of=buffer, **numbers))

    def metric(self, kind, prediction, target, name, weight=None, **attributes):
        """Append a metric to the forward list; a loss may be one, its gradient is then left out.

        ``target`` is None where the op takes none. With a ``weight`` (buffer), each row's value is multiplied with the
        row's weight.
        """
        kind = KINDS[kind]
        value = self._add(name, (ROWS,), "value", scoped=False)
        own = value if weight is None else self._add(f"unweighted/{name}", (ROWS,), "delta", scoped=False)
        outputs = (own,) + (None,) * (len(kind.rule.outputs) - 1)
        inputs = (prediction,) if target is None else (prediction, target)
        self._sections["forward"].append(Op(kind, outputs, inputs, attributes))
        if weight is not None:
            self._sections["forward"].append(Op(KINDS["weigh_value"], (value,), (own, weight)))

    def count_batches(self):
        """Let the run count the batches too, as the last of its values so far."""
        value = self._add("batches", (ROWS,), "value", scoped=False)
        self._sections["forward"].append(Op(KINDS["batch_value"], (value,), (None,)))

    def sum_of_weights(self, weight):
        """Let the run add up the rows' weights too, as the last of its values so far."""
        value = self._add("weights", (ROWS,), "value", scoped=False)
        self._sections["forward"].append(Op(KINDS["weigh_value"], (value,), (None, weight)))

    def needs_gradient(self, buffer):
        """False where nothing is learnt from it: for the data and frozen parameters, and what depends on these only."""
        return buffer not in self._constant

    def stop_gradient(self, buffer):
        """Nothing is learnt through this buffer; to be said before what reads it is emitted."""
        self._constant.add(buffer)

    def gradient(self, buffer):
        """Buffer that holds dL/d(buffer), or None."""
        return self._gradients.get(buffer)

    def gradient_name(self, buffer):
        """``dense/z`` -> ``dense/dz``."""
        scope, slash, name = self._buffers[buffer].name.rpartition("/")
        return f"{scope}{slash}d{name}"

    def add_gradient(self, buffer, gradient):
        """Declare that ``gradient`` holds dL/d(buffer), or where the buffer has several uses, a part of it.

        The parts are added up in the order in which they come: that of the backward list.
        """
        if buffer in self._gradients:
            gradient = self._gradient_op("add", self._gradients[buffer], gradient, of=buffer)
        elif self._buffers[buffer].role == "parameter" and gradient in self._gradients.values():
            # Clipping changes a parameter's gradient in place, so it must be its own.
            gradient = self._gradient_op("scale", gradient, of=buffer, factor=1)
        self._gradients[buffer] = gradient

    def _gradient_op(self, kind, *inputs, of, **attributes):
        """An op whose output is the gradient of the buffer ``of``."""
        shape = self._buffers[inputs[0]].shape
        output = self._add(self.gradient_name(of), shape, "delta" if ROWS in shape else "gradient", scoped=False)
        self._sections[self._section].append(Op(KINDS[kind], (output,), inputs, attributes))
        return output

    def backward(self, start=None, scale=None):
        """Derive the backward list: each forward op, the last first, emits its own gradient ops.

        ``start`` is the prediction, which the losses have given a gradient; here for readability only. With ``scale``
        all gradients are so many times as large.
        """
        self._section = "backward"
        if scale is not None:
            self._scale_loss(scale)
        self._penalty_gradients(of_parameters=False)
        for op in reversed(self._sections["forward"]):
            delta = self._gradients.get(op.outputs[0])
            if delta is not None and self._buffers[op.outputs[0]].role == "activation":
                op.kind.backward(self, op, delta)
        self._penalty_gradients(of_parameters=True)

    def _scale_loss(self, scale):
        """Backward ops: the gradients so far, which are those of the losses, times ``scale``; the penalties too."""
        for buffer, gradient in list(self._gradients.items()):
            self._gradients[buffer] = self._gradient_op("scale", gradient, of=buffer, factor=scale)
        self._penalties = {
            buffer: {name: scale * number for name, number in numbers.items()}
            for buffer, numbers in self._penalties.items()
        }

    def update(self, kind, slots=(), initial=0.0, weight_decay=None, decays=None, **attributes):
        """Append one optimizer step per trained parameter.

        Parameters
        ----------
        kind : str
        slots : sequence of str
            Names of the optimizer's arrays for each parameter, which start from ``initial``.
        initial : float
        weight_decay : float, optional
            Rate by which a parameter shrinks before the step.
        decays : callable, optional
            Of the key that a parameter was made with: whether it shrinks. By default all do.
        **attributes
            Of the step.
        """
        keys = {index: key for key, index in self._parameters.items()}
        for i in self._trained():
            extra = tuple(self._slot(i, name, initial) for name in slots)
            if weight_decay is not None and (decays is None or decays(keys.get(i))):
                self._update("weight_decay", (i,), (i,), rate=weight_decay)
            self._update(kind, (i, *extra), (i, *extra, self._gradients[i]), **attributes)

    def update_averages(self):
        """Append the steps of the moving averages (:meth:`follow`), which come with every optimizer's by themselves.

        Returns
        -------
        list
            Keys of the parameters that are such averages.
        """
        followed, self._followed = self._followed, []
        for parameter, buffer, momentum in followed:
            self._update("moving_average", (parameter,), (parameter, buffer), momentum=momentum)
        averages = {parameter for parameter, *_ in followed}
        return [key for key, index in self._parameters.items() if index in averages]

    def divide_gradients(self, divisor):
        """Append ops that undo the ``scale`` of :meth:`backward`."""
        for i in self._trained():
            gradient = self._gradients[i]
            self._update("divide_gradient", (gradient,), (gradient,), divisor=divisor)

    @contextmanager
    def accumulated(self, steps, slot):
        """Append ops that add up the gradients of ``steps`` batches; within this context ops run once in so many.

        They find the mean of the gradients. ``slot`` names the sums.
        """
        sums = [(self._gradients[i], self._slot(i, slot)) for i in self._trained()]
        for gradient, total in sums:
            self._update("accumulate_gradient", (total,), (total, gradient))
        self._every = steps
        for gradient, total in sums:
            self._update("mean_gradient", (gradient, total), (gradient, total), count=steps)
        yield
        self._every = 1

    def average_weights(self, slot, momentum, frequency=None, steps=1):
        """Append ops that average each trained parameter over the updates, of ``steps`` batches each.

        ``slot`` names the averages; every ``frequency``-th of them takes the parameter's place.
        """
        averages = [(i, self._slot(i, slot)) for i in self._trained()]
        for i, average in averages:
            self._update("average_weight", (average,), (average, i), momentum=momentum, steps=steps)
        for i, average in averages if frequency else ():
            self._update("overwrite_weight", (i,), (i, average), frequency=frequency, steps=steps)

    def _slot(self, parameter, name, initial=0.0):
        """A new array of the optimizer for this parameter."""
        buffer = self._buffers[parameter]
        return self._add(f"{buffer.name}/{name}", buffer.shape, "slot", scoped=False, initial=initial)

    def clip_values(self, limit):
        """Append ops that bring each element of every gradient into -limit .. limit."""
        for i in self._trained():
            gradient = self._gradients[i]
            self._update("clip_value", (gradient,), (gradient,), limit=limit)

    def clip_norms(self, limit, together=False):
        """Append ops that shrink each gradient, or all of them ``together``, to a norm of at most ``limit``."""
        gradients, squares = [self._gradients[i] for i in self._trained()], []
        for gradient in gradients:
            so_far = squares[-1] if squares and together else None
            name = f"{self._buffers[gradient].name}/squares"
            squares.append(self._add(name, (1,), "gradient", scoped=False))
            self._update("sum_squares", squares[-1:], (gradient, so_far))
        for gradient, own in zip(gradients, squares, strict=True):
            total = squares[-1] if together else own
            self._update("clip_norm", (gradient,), (gradient, total), limit=limit)

    def build(self, output, keep_output=False):
        """The finished program; ``output`` is the buffer that prediction returns.

        With ``keep_output`` training and evaluation compute it too, where the loss alone would not need it.
        """
        if self._sections["update"]:
            self._after_update()
        forward = self._sections["forward"]
        values = set(self._indices("value"))
        inference, renamed = at_inference(forward, self._as_trained, self._instead)
        output_at_inference = renamed.get(output, output)
        kept = {output_at_inference} if keep_output else set() if values else {output}
        read = self._read_by("backward", "update") | set(self._gradients.values())
        sections = {
            "predict": needed([op for op in inference if op.outputs[0] not in values], {output_at_inference}),
            "evaluate": needed(inference, values | ({output_at_inference} if keep_output else set())),
            "forward": needed(forward, values | read | kept),
            "backward": tuple(self._sections["backward"]),
            "update": tuple(self._sections["update"]),
        }
        ends = self._input, output_at_inference, tuple(self._targets), tuple(self._weights)
        return Program(tuple(self._buffers), sections, *ends)

    def _indices(self, role):
        return [i for i, buffer in enumerate(self._buffers) if buffer.role == role]

    def _trained(self):
        """Parameters that have a gradient and are not frozen, in order."""
        return [i for i in self._indices("parameter") if i in self._gradients and i not in self._constant]

    def _update(self, kind, outputs, inputs, **attributes):
        kind = kind if isinstance(kind, OpKind) else KINDS[kind]
        op = Op(kind, tuple(outputs), tuple(inputs), attributes, self._every)
        self._sections["update"].append(op)

    def _after_update(self):
        """Append the limits of parameters and the moving averages."""
        for parameter, (kind, attributes) in self._constraints.items():
            if parameter in self._trained():
                self._update(kind, (parameter,), (parameter,), **attributes)
        self.update_averages()

    def _read_by(self, *sections):
        return {i for section in sections for op in self._sections[section] for i in op.inputs}

    def _add(self, name, shape, role, integer=False, scoped=True, initial=0.0):
        name = "/".join((*self._scope, name)) if scoped else name
        taken = {buffer.name for buffer in self._buffers}
        if name in taken:
            name = next(new for n in range(1, len(taken) + 2) if (new := f"{name}_{n}") not in taken)
        self._buffers.append(Buffer(name, tuple(shape), role, integer, initial))
        return len(self._buffers) - 1

"""A loaded program and the parameters of the layers it was made from, kept in step.

While a program trains, the newest values live in its executable. A parameter knows who holds them
(``Parameter`` fetches them when asked), and a session knows which of its parameters have changed elsewhere
since it last ran.
"""


class Session:
    """One executable with its parameters.

    Parameters
    ----------
    executable : fastnn.backends.base.Executable
    parameters : dict of fastnn.layers.Parameter to str
        Those of the program, and what they are called there.
    """

    def __init__(self, executable, parameters):
        self.executable = executable
        self._parameters = parameters
        self._versions = [None] * len(parameters)  # of each parameter's value, as the executable has it

    @property
    def names(self):
        """``{parameter: what it is called in the program}``"""
        return dict(self._parameters)

    def upload(self):
        """Hand the executable the values that changed elsewhere."""
        for i, (parameter, name) in enumerate(self._parameters.items()):
            if self._versions[i] != parameter.version:
                value = parameter.value
                self.executable.set(name, value.reshape(getattr(parameter, "flat_shape", value.shape)))
                self._versions[i] = parameter.version

    def train(self, *arguments, **options):
        """``Executable.train``, after which the executable holds the newest values."""
        self._lend()
        return self.executable.train(*arguments, **options)

    def train_epochs(self, *arguments, **options):
        """``Executable.train_epochs``, after which the executable holds the newest values."""
        self._lend()
        return self.executable.train_epochs(*arguments, **options)

    def _lend(self):
        self.upload()
        # Said before the run, so that it holds too where an interrupt cuts the run short.
        self.lend(self._parameters)

    def lend(self, parameters):
        """Let the executable hold the newest values of these."""
        for i, (parameter, name) in enumerate(self._parameters.items()):
            if parameter in parameters:
                parameter.move_to(self.executable, name)
                self._versions[i] = parameter.version

    def evaluate(self, *arguments, **options):
        """``Executable.evaluate`` with the newest values."""
        self.upload()
        return self.executable.evaluate(*arguments, **options)

    def predict(self, *arguments):
        """``Executable.predict`` with the newest values."""
        self.upload()
        return self.executable.predict(*arguments)

    def hand_over(self, executable):
        """Let another executable for the same layers go on where this one has stopped."""
        executable.step, executable.pass_number = self.executable.step, self.executable.pass_number
        for index in self.executable.program.with_role("slot"):
            name = self.executable.program.buffers[index].name
            executable.set(name, self.executable.get(name))

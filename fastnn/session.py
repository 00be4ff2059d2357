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
    parameters : list of fastnn.layers.Parameter
        Those of the program, which are called by their ``path`` there.
    """

    def __init__(self, executable, parameters):
        self.executable = executable
        self._parameters = parameters
        self._versions = [None] * len(parameters)  # of each parameter's value, as the executable has it

    def upload(self):
        """Hand the executable the values that changed elsewhere."""
        for i, parameter in enumerate(self._parameters):
            if self._versions[i] != parameter.version:
                self.executable.set(parameter.path, parameter.value)
                self._versions[i] = parameter.version

    def train(self, *arguments, **options):
        """``Executable.train``, after which the executable holds the newest values."""
        self.upload()
        for i, parameter in enumerate(self._parameters):
            # Said before the run, so that it holds too where an interrupt cuts the run short.
            parameter.move_to(self.executable)
            self._versions[i] = parameter.version
        return self.executable.train(*arguments, **options)

    def evaluate(self, *arguments, **options):
        """``Executable.evaluate`` with the newest values."""
        self.upload()
        return self.executable.evaluate(*arguments, **options)

    def predict(self, *arguments):
        """``Executable.predict`` with the newest values."""
        self.upload()
        return self.executable.predict(*arguments)

"""``tf.autograph``: functions always run as Python here."""


def set_verbosity(level, alsologtostdout=False):
    """Nothing to do: nothing is converted, so there is nothing to say."""


class experimental:
    """What decorators of functions are."""

    @staticmethod
    def do_not_convert(func=None):
        """The function itself."""
        return func if func is not None else lambda f: f

"""What goes wrong when a file is read."""


class ModelFormatError(ValueError):
    """A model file that cannot be loaded: damaged, hostile, or of something that fastnn has not.

    The message names the member of the file and the field in it. Nothing has been loaded then.
    """

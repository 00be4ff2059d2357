"""Who watches a run."""


def callback_list(callbacks, verbose, add_history=False):
    """All callbacks of a run; TypeError for what is no callback."""
    # Imported when first needed, to keep `import fastnn` quick.
    from .callbacks import CallbackList

    if isinstance(callbacks, CallbackList):
        return callbacks
    return CallbackList(callbacks, add_history=add_history, add_progbar=verbose != 0)

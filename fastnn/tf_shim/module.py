"""``tf.Module``: whatever holds variables, in loops written by hand."""

import re
from contextlib import nullcontext

from ..tensor import Variable


class Module:
    """Base of classes whose attributes are variables, and modules with such.

    Parameters
    ----------
    name : str, optional
        By default the class's name in snake case.
    """

    def __init__(self, name=None):
        self._name = name or re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", type(self).__name__).lower()

    @property
    def name(self):
        # A class of one's own need not call super().__init__.
        return vars(self).get("_name") or type(self).__name__.lower()

    @property
    def name_scope(self):
        """A context that changes nothing: variables are called as they were told."""
        return nullcontext()

    @property
    def submodules(self):
        """All modules in this one, at any depth, each once."""
        return tuple(x for x in self._inside() if isinstance(x, Module) and x is not self)

    @property
    def variables(self):
        """The variables of this module and of those in it, each once, in the order of the attributes' names."""
        found = []
        for x in self._inside():
            found += [x] if isinstance(x, Variable) else getattr(x, "weights", ())
        return tuple({id(variable): variable for variable in found}.values())

    @property
    def trainable_variables(self):
        """Those that gradient tapes watch."""
        return tuple(variable for variable in self.variables if variable.trainable)

    @property
    def non_trainable_variables(self):
        """The others."""
        return tuple(variable for variable in self.variables if not variable.trainable)

    @classmethod
    def with_name_scope(cls, method):
        """A decorator that changes nothing."""
        return method

    def _inside(self, known=None):
        """This module, and what is in it: its variables and layers, then each module in it with what is in that."""
        known = {} if known is None else known
        known[id(self)] = self
        own = vars(self)
        held = [leaf for name in sorted(own) for leaf in _leaves(own[name])]
        for x in held:
            if isinstance(x, Variable) or hasattr(x, "weights"):
                known.setdefault(id(x), x)
        for x in held:
            if isinstance(x, Module) and id(x) not in known:
                x._inside(known)
        return list(known.values())


def _leaves(x):
    """What is in lists, tuples and dicts, at any depth."""
    if isinstance(x, dict):
        x = [x[key] for key in sorted(x, key=str)]
    return [leaf for item in x for leaf in _leaves(item)] if isinstance(x, (list, tuple)) else [x]

"""Looking into a model while it learns: every number of a training step, op by op, and the proof of its gradients.

``notation`` gives the names and formulas of the lecture notes to a program, ``trace`` shows one step whole, ``stepper``
goes through it op by op, ``gradients`` compares backpropagation with differences of the loss. All of them work on a
copy of what trains: nothing that is looked at changes.
"""

from .gradients import GradCheckReport, ParameterCheck, grad_check
from .stepper import OpView, Stepper
from .trace import Trace

__all__ = ["GradCheckReport", "OpView", "ParameterCheck", "Stepper", "Trace", "grad_check"]

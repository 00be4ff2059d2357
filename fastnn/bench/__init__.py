"""fastnn beside NumPy: the same nets, trained by both in turn, with proof that they compute the same.

``nets`` says what is trained, ``numpy_twin`` is the NumPy side, ``verify`` compares weights, ``timing``
measures, ``run`` is the command ``fastnn bench``, and ``demo`` the command ``fastnn demo``.
"""

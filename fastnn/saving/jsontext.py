"""JSON as model files have it: strict, and refused before it can cost much.

Python's ``json`` takes the last of several equal keys, NaN as a number, and any depth until the stack is full.
"""

import json
import math

from .errors import ModelFormatError
from .limits import INTEGER, JSON_BYTES, JSON_DEPTH


def read_json(text, member, most=JSON_BYTES, depth=JSON_DEPTH):
    """The value of a JSON text.

    Parameters
    ----------
    text : bytes or str
    member : str
        Where it comes from, for messages.
    most, depth : int
        Limits on its bytes and on brackets within brackets.

    Raises
    ------
    ModelFormatError
        If it is no JSON, too large or too deep, or has equal keys in one object, NaN, infinity, or integers
        beyond 2**53.
    """
    if len(text) > most:
        raise ModelFormatError(f"{member}: {len(text):,} bytes of JSON; at most {most:,} are read")
    try:
        text = text.decode("utf-8") if isinstance(text, bytes) else text
    except UnicodeDecodeError as error:
        raise ModelFormatError(f"{member}: not UTF-8 text ({error.reason} at byte {error.start})") from None
    _check_depth(text, member, depth)

    def one_of_each(pairs):
        found = dict(pairs)
        if len(found) != len(pairs):
            keys = [key for key, _ in pairs]
            twice = next(key for key in keys if keys.count(key) > 1)
            raise ModelFormatError(f"{member}: the key {twice[:80]!r} is there more than once in one object")
        return found

    def integer(digits):
        if len(digits) > 20 or abs(int(digits)) > INTEGER:
            raise ModelFormatError(f"{member}: the integer {digits[:40]} is out of range")
        return int(digits)

    def real(digits):
        number = float(digits)
        if not math.isfinite(number):
            raise ModelFormatError(f"{member}: the number {digits[:40]} is out of range")
        return number

    def constant(name):
        raise ModelFormatError(f"{member}: {name} is not a number that JSON has")

    try:
        return json.loads(
            text, object_pairs_hook=one_of_each, parse_int=integer, parse_float=real, parse_constant=constant
        )
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise ModelFormatError(f"{member}: not JSON: {error.msg} at {where}") from None


def _check_depth(text, member, most):
    """Count brackets outside of strings; a text that is no JSON may be miscounted, and is refused later."""
    depth, in_string, escaped = 0, False, False
    for character in text:
        if in_string:
            if escaped:
                escaped = False
            elif character == "\\":
                escaped = True
            elif character == '"':
                in_string = False
        elif character == '"':
            in_string = True
        elif character in "[{":
            depth += 1
            if depth > most:
                raise ModelFormatError(f"{member}: brackets within brackets, more than {most} deep")
        elif character in "]}":
            depth -= 1


def write_json(value):
    """``value`` as bytes of JSON in one fixed form: the same value, the same bytes. ValueError for NaN."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode("utf-8")

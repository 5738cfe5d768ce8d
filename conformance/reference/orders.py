"""Reads from the accepted fields of a request what is to be drawn: one small function per decision.

A field that is absent has the contract's default; a field whose rule was taken out of the contract may hold anything,
and then the nearest sensible reading is taken, because a server that lacks a rule must still answer.
"""

import hashlib
import re
from typing import Final

from conformance.reference.contract import Operation
from conformance.reference.errors import RefusedError, encode_json
from conformance.reference.values import JsonValue, Limits, Size, Values

_SIZE: Final = re.compile(r"([1-9][0-9]{0,4})x([1-9][0-9]{0,4})")
_SEED: Final = 32
"""Hexadecimal digits of a seed: 128 bits, which nobody guesses and no two orders share."""
_DEFAULT_SIZE: Final[Size] = (1024, 1024)


def read_text(operation: Operation, values: Values, name: str) -> str:
    """Read a text field; its default when it is absent, and an empty text when it has none."""
    return str(values[name] if name in values else operation.default(name) or "")


def fingerprint(*looks: JsonValue) -> str:
    """Hash everything that the looks of an order's images depend on."""
    return hashlib.sha256(encode_json(list(looks))).hexdigest()[:_SEED]


def count_images(operation: Operation, values: Values, limits: Limits) -> int:
    """Read how many images are wanted; more than ``limits.images`` are refused even if the contract admits them."""
    count = values.get("n", operation.default("n"))
    if not isinstance(count, int | float) or count != count // 1:
        return 1
    if count > limits.images:
        message = f"'n' must be at most {limits.images}."
        raise RefusedError(message, "n")
    return max(int(count), 0)


def choose_size(operation: Operation, values: Values, limits: Limits) -> Size:
    """Read the size in pixels, width first."""
    match = _SIZE.fullmatch(read_text(operation, values, "size"))
    size = (int(match[1]), int(match[2])) if match else _DEFAULT_SIZE
    return size if max(size) <= limits.side else _DEFAULT_SIZE


def choose_response_format(operation: Operation, values: Values) -> str:
    """Read in which form the images are wanted: ``b64_json``, or ``url`` for anything else."""
    return "b64_json" if read_text(operation, values, "response_format") == "b64_json" else "url"

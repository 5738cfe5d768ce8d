r"""Reads a regular expression of the contract as ECMA-262 means it, which JSON Schema prescribes (core, section 6.4).

Python's dialect agrees on nearly everything, and where it doesn't it is silent: its ``$`` also matches in front of a
last line break, its ``\d`` is a digit of any script, its ``.`` matches a carriage return. So those pieces are
rewritten, and a general category such as ``\p{L}`` is written out. What is left over, such as ``\p{Script=Greek}``,
raises ``re.error``: better no answer than one that quietly keeps another rule.
"""

import re
import sys
import unicodedata
from functools import lru_cache
from typing import Final

_PIECE: Final = re.compile(
    r"\\(?:u\{[0-9A-Fa-f]{1,6}\}|c[A-Za-z]|k<[^>]*>|[pP]\{[^}]*\}|.)|\(\?<(?![=!])|\(\?|[\[\]$.&|~]|[^\\\[\]$.&|~(]+|.",
    re.DOTALL,
)
_BLANKS: Final = r"\t\n\x0b\x0c\r \xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_OUTSIDE: Final = {
    "$": r"\Z",
    ".": r"[^\n\r\u2028\u2029]",
    r"\s": f"[{_BLANKS}]",
    r"\S": f"[^{_BLANKS}]",
    "(?<": "(?P<",
    "\\/": "/",
    r"\0": r"\x00",
}
_INSIDE: Final = {r"\s": _BLANKS, "\\/": "/", r"\0": r"\x00", "[": r"\[", "&": r"\&", "|": r"\|", "~": r"\~"}
"""Inside a class Python warns of what may once be an operation between sets; escaped, it stays a character."""
_UNKNOWN: Final = frozenset({*(rf"\{letter}" for letter in "aAzZ"), "(?"})
_CATEGORY: Final = re.compile(r"\\([pP])\{(?:gc=|General_Category=)?([A-Z][a-z]?)\}")
_GROUPS: Final = (":", "=", "!", "<")


@lru_cache(maxsize=256)
def compiled(pattern: str) -> re.Pattern[str]:
    """Compile an expression of ECMA-262 with the ``u`` flag; raises ``re.error`` where it is none."""
    written: list[str] = []
    inside = False
    pieces = _PIECE.findall(pattern)
    for position, piece in enumerate(pieces):
        following = pieces[position + 1][:1] if position + 1 < len(pieces) else ""
        if piece in _UNKNOWN and not (piece == "(?" and (inside or following in _GROUPS)):
            raise re.error(f"{piece!r} is not of ECMA-262", pattern)
        category = _CATEGORY.fullmatch(piece)
        if category is not None:
            negated = category[1] == "P"
            if inside and negated:
                raise re.error(f"{piece!r} can't be read inside a class", pattern)
            written.append(_members(category[2]) if inside else f"[{'^' * negated}{_members(category[2])}]")
            continue
        opens, closes = piece == "[" and not inside, piece == "]" and inside
        written.append(piece if opens or closes else (_INSIDE if inside else _OUTSIDE).get(piece) or _escaped(piece))
        inside = (inside or opens) and not closes
    return re.compile("".join(written), re.ASCII)


def _escaped(piece: str) -> str:
    r"""Write an escape that only ECMA-262 knows: ``\u{1f9a6}``, ``\cJ``, ``\k<name>``."""
    if piece.startswith(r"\u{"):
        return re.escape(chr(int(piece[3:-1], 16)))
    if piece.startswith(r"\c"):
        return re.escape(chr(ord(piece[2:]) % 32))
    return f"(?P={piece[3:-1]})" if piece.startswith(r"\k<") else piece


@lru_cache(maxsize=32)
def _members(category: str) -> str:
    """Write out the characters of a general category of Unicode as the ranges of a class."""
    ranges: list[tuple[int, int]] = []
    for point in range(sys.maxunicode + 1):
        if unicodedata.category(chr(point)).startswith(category):
            if ranges and ranges[-1][1] == point - 1:
                ranges[-1] = (ranges[-1][0], point)
            else:
                ranges.append((point, point))
    return "".join(rf"\U{first:08x}-\U{last:08x}" for first, last in ranges)

"""What the greenhouse's contract asks of a request, written by hand and without a schema validator.

A check of a field takes its value and returns what is wrong with it as the end of a sentence, or None. ``check_sowing``
and ``check_listing`` ask the checks in the order of the contract and raise ``RefusedError`` with the first complaint;
fields that the contract doesn't name are ignored.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from http import HTTPStatus
from typing import Final, TypeAlias

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
Fields: TypeAlias = Mapping[str, Json]
Check: TypeAlias = "Callable[[Json], str | None]"

CLIMATES: Final = ("temperate", "tropical", "arid")
DRY: Final = CLIMATES[-1]
SOILS: Final = ("loam", "sand", "peat")
WET_SOIL: Final = SOILS[-1]
STATES: Final = ("planned", "sown", "fallow")
ROLES: Final = ("staff", "volunteer")
ROWS: Final = 12
DRY_ROWS: Final = 6
DEFAULT_ROWS: Final = 4
LABELS: Final = 5
PLOTS: Final = 50
DEFAULT_PLOTS: Final = 10
_BED: Final = re.compile(r"[A-F][0-9]{2}")
_DATE: Final = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_DIGITS: Final = re.compile(r"0*([0-9]{1,9})")
_LEAP_YEAR: Final = 2000


class RefusedError(Exception):
    """A request that the server refuses: a sentence for a person, a code for a program, the field at fault or None."""

    def __init__(
        self, text: str, field: str | None = None, code: str = "wrong_field", status: int = HTTPStatus.BAD_REQUEST
    ) -> None:
        """Take the parts of the answer."""
        super().__init__(text)
        self.text = text
        self.field = field
        self.code = code
        self.status = status


def check_sowing(fields: Fields) -> None:
    """Refuse an order of a sowing that breaks the contract."""
    _check(fields, ("crop",), _SOWING)
    if fields.get("climate") == DRY:
        _check(fields, (), _DRY_SOWING)


def check_listing(query: Fields) -> None:
    """Refuse a query of plots that breaks the contract; its values are text."""
    _check(query, ("state",), _LISTING)


def whole(value: Json) -> int | None:
    """Return the integer that a number is, however it is written (2.0 is 2), or None."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def digits(value: Json) -> int | None:
    """Return the integer that a text of digits is, or None."""
    found = _DIGITS.fullmatch(value) if isinstance(value, str) else None
    return int(found[1]) if found else None


def _check(fields: Fields, required: tuple[str, ...], checks: Mapping[str, Check]) -> None:
    for name in required:
        if name not in fields:
            raise RefusedError(f"'{name}' is missing.", name)
    for name, check in checks.items():
        complaint = check(fields[name]) if name in fields else None
        if complaint is not None:
            raise RefusedError(f"'{name}' {complaint}.", name)


def _integer(least: int, most: int, read: Callable[[Json], int | None] = whole) -> Check:
    def check(value: Json) -> str | None:
        number = read(value)
        return None if number is not None and least <= number <= most else f"must be from {least} to {most}"

    return check


def _text(least: int, most: int | None = None) -> Check:
    """Count Unicode code points, which are what Python's strings are made of."""

    def check(value: Json) -> str | None:
        if not isinstance(value, str):
            return "must be text"
        return None if least <= len(value) and (most is None or len(value) <= most) else "is too short or too long"

    return check


def _one_of(*values: str | None) -> Check:
    def check(value: Json) -> str | None:
        return None if value in values else f"must be one of {', '.join(str(one) for one in values)}"

    return check


def _texts(most: int, check_text: Check, least: int = 0) -> Check:
    def check(value: Json) -> str | None:
        if not isinstance(value, list) or not least <= len(value) <= most:
            return f"must be a list of {least} to {most} texts"
        return next((f"holds an item that {wrong}" for wrong in map(check_text, value) if wrong is not None), None)

    return check


def _labels(value: Json) -> str | None:
    wrong = _texts(LABELS, _text(0, 12), least=1)(value)
    if wrong is None and isinstance(value, list) and any(label in value[:at] for at, label in enumerate(value)):
        return "holds a label twice"
    return wrong


def _companions(value: Json) -> str | None:
    text = _text(0, 40)
    return text(value) if isinstance(value, str) else _texts(3, text)(value)


def _boolean(value: Json) -> str | None:
    return None if isinstance(value, bool) else "must be true or false"


def _spacing(value: Json) -> str | None:
    if isinstance(value, int | float) and not isinstance(value, bool) and value > 0 and value % 0.5 == 0:
        return None
    return "must be more than 0 and a multiple of 0.5"


def _bed(value: Json) -> str | None:
    return None if isinstance(value, str) and _BED.fullmatch(value) else "must be a letter from A to F and two digits"


def _date(value: Json) -> str | None:
    found = _DATE.fullmatch(value) if isinstance(value, str) else None
    return None if found and _is_day(*map(int, found.groups())) else "must be a date such as 2031-04-15"


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        # RFC 3339 has a year 0, which Python lacks; like 2000 it is a leap year.
        date(year or _LEAP_YEAR, month, day)
    except ValueError:
        return False
    return True


def _gardener(value: Json) -> str | None:
    if not isinstance(value, dict):
        return "must be an object"
    if "name" not in value:
        return "lacks 'name'"
    for name, member in value.items():
        if name not in _GARDENER:
            return f"has an unknown member '{name}'"
        wrong = _GARDENER[name](member)
        if wrong is not None:
            return f"has a member '{name}' that {wrong}"
    return None


_GARDENER: Final[Mapping[str, Check]] = {"name": _text(1), "role": _one_of(*ROLES), "years": _integer(0, 60)}
_SOWING: Final[Mapping[str, Check]] = {
    "crop": _text(2, 40),
    "rows": _integer(1, ROWS),
    "climate": _one_of(*CLIMATES),
    "soil": _one_of(*SOILS, None),
    "mulched": _boolean,
    "spacing": _spacing,
    "labels": _labels,
    "gardener": _gardener,
    "companions": _companions,
    "bed": _bed,
    "sow_on": _date,
}
_DRY_SOWING: Final[Mapping[str, Check]] = {
    "rows": _integer(1, DRY_ROWS),
    "soil": _one_of(*(soil for soil in SOILS if soil != WET_SOIL), None),
}
_LISTING: Final[Mapping[str, Check]] = {"state": _one_of(*STATES), "limit": _integer(1, PLOTS, digits)}

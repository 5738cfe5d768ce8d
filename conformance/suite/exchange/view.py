"""An answer the way the rules see it: parsed once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Final, TypeAlias, cast

from attrs import define, field

from conformance.suite.contract.places import ABSENT, Fields
from conformance.suite.exchange import bounds
from conformance.suite.exchange.recording import Exchange

Check: TypeAlias = "Callable[[View], list[str] | None]"
"""Judges one answer: findings (none means that it is right), or None if the rule doesn't apply to this answer.

Raises CouldNotTell where it would apply, but the suite can't see what it is about.
"""


_TOO_DEEP: Final = "it is nested too deep"


class CouldNotTell(Exception):  # noqa: N818 - says what happened; it is nobody's fault
    """What a rule is about can't be seen from here; the message says why."""


@define(slots=False)
class View:
    """One exchange that got an answer."""

    exchange: Exchange
    now: float
    _found: dict[Check, list[str] | CouldNotTell | None] = field(factory=dict, init=False, repr=False, eq=False)

    def found(self, check: Check) -> list[str] | None:
        """Return what a check finds, which it is asked once: the same answer is judged again when others come."""
        if check not in self._found:
            try:
                self._found[check] = _bounded(check(self))
            except CouldNotTell as reason:
                self._found[check] = reason
        found = self._found[check]
        if isinstance(found, CouldNotTell):
            raise found.with_traceback(None)
        return found

    def forget(self) -> None:
        """Let the parsed body go, which may take much memory; it is parsed again if it is asked for."""
        self.__dict__.pop("_parsed", None)

    @property
    def fields(self) -> Fields:
        """The fields of the request."""
        return self.exchange.request.fields

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.exchange.status

    @property
    def is_error(self) -> bool:
        """Whether the server said that something is wrong, with a 4xx or a 5xx."""
        return self.status >= 400  # noqa: PLR2004 - RFC 9110, section 15

    @property
    def json(self) -> object:
        """The parsed body, or ``ABSENT`` if it is not JSON (RFC 8259; NaN and Infinity are not)."""
        return self._parsed[0]

    @property
    def fault(self) -> str:
        """Why the body is not JSON, in the parser's words; empty if it is."""
        return self._parsed[1]

    @cached_property
    def _parsed(self) -> tuple[object, str]:
        body = self.exchange.answer.body if self.exchange.answer else b""
        try:
            # Other encodings than UTF-8 are none on the net (RFC 8259, section 8.1), and many clients can't read them.
            parsed = json.loads(body.decode("utf-8-sig"), parse_constant=_refuse_constant)
            return (ABSENT, _TOO_DEEP) if _is_deeper(parsed, bounds.DEPTH) else (parsed, "")
        except json.JSONDecodeError as error:
            said = f"line {error.lineno}, column {error.colno}: {error.msg}"
            return ABSENT, said if body.strip() else "it is empty"
        except RecursionError:
            return ABSENT, _TOO_DEEP
        except ValueError as error:
            # What follows a semicolon is advice for who wrote the parser's program.
            return ABSENT, str(error).partition(";")[0]

    @property
    def is_json(self) -> bool:
        """Whether the body is JSON."""
        return self.json is not ABSENT

    @property
    def media_type(self) -> str:
        """The answer's media type without parameters, in lower case."""
        answer = self.exchange.answer
        return (answer.header("content-type") if answer else "").split(";")[0].strip().lower()


def _bounded(found: list[str] | None) -> list[str] | None:
    more = len(found or ()) - bounds.FINDINGS
    return [*found[: bounds.FINDINGS], f"there are {more} more findings like these"] if found and more > 0 else found


def _is_deeper(value: object, depth: int) -> bool:
    """Whether arrays and objects stand in each other more than so many times."""
    level = [value]
    for _ in range(depth + 1):
        level = [below for one in level for below in _below(one)]
    return bool(level)


def _below(value: object) -> Iterable[object]:
    match value:
        case list():
            return cast("list[object]", value)
        case dict():
            return cast("dict[str, object]", value).values()
        case _:
            return ()


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is no number in JSON")

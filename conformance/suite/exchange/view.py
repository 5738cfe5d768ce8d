"""An answer the way the rules see it: parsed once."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cached_property
from typing import TypeAlias

from attrs import define, field

from conformance.suite.contract.places import ABSENT, Fields
from conformance.suite.exchange.recording import Exchange

Check: TypeAlias = "Callable[[View], list[str] | None]"
"""Judges one answer: findings (none means that it is right), or None if the rule doesn't apply to this answer.

Raises CouldNotTell where it would apply, but the suite can't see what it is about.
"""


class CouldNotTell(Exception):  # noqa: N818 - says what happened; it is nobody's fault
    """What a rule is about can't be seen from here; the message says why."""


@define(slots=False)
class View:
    """One exchange that got an answer."""

    exchange: Exchange
    now: float
    _found: dict[Check, list[str] | None] = field(factory=dict, init=False, repr=False, eq=False)

    def found(self, check: Check) -> list[str] | None:
        """Return what a check finds, which it is asked once: the same answer is judged again when others come."""
        if check not in self._found:
            self._found[check] = check(self)
        return self._found[check]

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
            return json.loads(body, parse_constant=_refuse_constant), ""
        except json.JSONDecodeError as error:
            said = f"line {error.lineno}, column {error.colno}: {error.msg}"
            return ABSENT, said if body.strip() else "it is empty"
        except RecursionError:
            return ABSENT, "it is nested too deep"
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


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is no number in JSON")

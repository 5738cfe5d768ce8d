"""An answer the way the rules see it: parsed once, with the images that it holds or points to."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import TypeAlias, cast

from attrs import define

from conformance.suite.constraints import Fields, Place
from conformance.suite.recording import Exchange
from conformance.suite.show import MISSING

Check: TypeAlias = "Callable[[View], list[str] | None]"
"""Judges one answer: findings (none means that it is right), or None if the rule doesn't apply to this answer."""


@define(slots=False)
class View:
    """One exchange that got an answer."""

    exchange: Exchange
    now: float

    @property
    def fields(self) -> Fields:
        """The fields of the request."""
        return self.exchange.request.fields

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.exchange.status

    @property
    def refused(self) -> bool:
        """Whether the server said that something is wrong, with a 4xx or a 5xx."""
        return self.status >= 400  # noqa: PLR2004 - RFC 9110, section 15

    @cached_property
    def json(self) -> object:
        """The parsed body, or ``MISSING`` if it is not JSON (RFC 8259; NaN and Infinity are not)."""
        answer = self.exchange.answer
        try:
            return json.loads(answer.body, parse_constant=_refuse_constant) if answer else MISSING
        except (ValueError, RecursionError):
            return MISSING

    @property
    def is_json(self) -> bool:
        """Whether the body is JSON."""
        return self.json is not MISSING

    @cached_property
    def items(self) -> list[Mapping[str, object]] | None:
        """The image objects, or None if the answer doesn't have a list of objects."""
        if not isinstance(self.json, dict):
            return None
        data = cast("dict[str, object]", self.json).get("data")
        if not isinstance(data, list) or not all(isinstance(item, dict) for item in cast("list[object]", data)):
            return None
        return cast("list[Mapping[str, object]]", data)

    @property
    def media_type(self) -> str:
        """The answer's media type without parameters, in lower case."""
        answer = self.exchange.answer
        return (answer.header("content-type") if answer else "").split(";")[0].strip().lower()


def instances(value: object, place: Place, *, required: bool, where: str = "") -> Iterator[tuple[str, object]]:
    """Yield each value at a place of a JSON document with its path; a missing required one as ``MISSING``."""
    if not place:
        yield where or "the body", value
        return
    head, rest = place[0], place[1:]
    if head == "*":
        if isinstance(value, list):
            for index, item in enumerate(cast("list[object]", value)):
                yield from instances(item, rest, required=required, where=f"{where}[{index}]")
    elif isinstance(value, dict):
        below = f"{where}.{head}" if where else head
        found = cast("dict[str, object]", value)
        if head in found:
            yield from instances(found[head], rest, required=required, where=below)
        elif required and not rest:
            yield below, MISSING


def _refuse_constant(name: str) -> object:
    raise ValueError(name)

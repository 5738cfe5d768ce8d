"""Lies that are told now and then, and bad requests that are never answered.

What is told now and then breaks no rule about a request: that the server can't be relied on is a rule of its own.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any, Final

from starlette.responses import Response
from starlette.types import ASGIApp

from conformance.mutants.mutant import FORMS, NEVER_ANSWERED, Lie, behaving
from conformance.reference import Behaviour, JsonValue, Operation, RefusedError, Values, create_app
from conformance.reference.answers import build_answer
from conformance.reference.errors import build_refusal
from conformance.reference.validation import validate as validate_fields

_OFTEN: Final = 5
"""One request of so many meets the lie."""
_STABLE: Final = ("stable",)


def lies() -> tuple[Lie, ...]:
    """Return the lies of this module."""
    return (*_now_and_then(), *_unanswered())


def _now_and_then() -> tuple[Lie, ...]:
    def at_first(status: int) -> Callable[[], ASGIApp]:
        return lambda: create_app(Behaviour(validate=_at_first(RefusedError("No.", status=status))))

    def forgetful() -> ASGIApp:
        answers = count(1)

        def build(now: float, items: Sequence[JsonValue]) -> JsonValue:
            return build_answer(now, items[:-1] if next(answers) == _OFTEN else items)

        return create_app(Behaviour(build_answer=build))

    return (
        Lie("sometimes-500", "some requests get 500, and are right when sent again", at_first(500), _STABLE),
        Lie("sometimes-502", "some requests get 502, and are right when sent again", at_first(502), _STABLE),
        Lie("sometimes-refused", "some requests are refused, and are right when sent again", at_first(400), _STABLE),
        Lie("once-one-less", "one answer of all has an image too few", forgetful, _STABLE),
    )


def _at_first(refusal: RefusedError) -> Callable[[Operation, Values], Values]:
    """Return what checks requests, and refuses some when they come for the first time: which, their hash decides."""
    seen: set[bytes] = set()

    def validate(operation: Operation, values: Values) -> Values:
        digest = hashlib.sha256(json.dumps(dict(values), sort_keys=True).encode()).digest()
        if digest[0] % _OFTEN == 0 and digest not in seen:
            seen.add(digest)
            raise refusal
        return validate_fields(operation, values)

    return validate


def _unanswered() -> tuple[Lie, ...]:
    """Return servers that close the connection where they should refuse."""

    def closing(when: Callable[[RefusedError], bool]) -> Callable[[], Any]:
        def refuse(refusal: RefusedError) -> Response:
            return Response(status_code=NEVER_ANSWERED) if when(refusal) else build_refusal(refusal)

        return behaving(refuse=refuse)

    return (
        Lie(
            "body-never-answered",
            "a body that can't be read is never answered",
            closing(lambda refusal: refusal.param is None),
            ("body/malformed", "body/survived"),
            consequences=("path", "method"),
        ),
        Lie(
            "n-never-answered",
            "a wrong n is never answered",
            closing(lambda refusal: refusal.param == "n"),
            ("n/*",),
            consequences=("body/survived",),
        ),
        Lie(
            "file-never-answered",
            "a wrong image is never answered",
            closing(lambda refusal: refusal.param == "image"),
            ("image/*",),
            FORMS,
            consequences=("body/*",),
        ),
    )

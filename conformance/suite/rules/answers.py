"""Rules about the answers of any API: the status, media type and form that the contract documents for them.

A check gets the view of one answer and returns what it found wrong, nothing if all is right, or None where the rule
doesn't apply, so that the number of answers that a verdict rests on can be counted.
"""

from __future__ import annotations

from collections.abc import Iterator

from conformance.suite.contract.document import Contract, Source
from conformance.suite.contract.nodes import escape
from conformance.suite.contract.operation import Operation, json_type
from conformance.suite.exchange.view import Check, CouldNotTell, View
from conformance.suite.exchange.words import beginning, show
from conformance.suite.rules.rule import Answers, Level, Rule

_USUAL = (400, 401, 403, 404, 405, 413, 415)
"""Statuses of refusals that clients know how to read."""
_BEGINNING = 60


def rules(contract: Contract, operation: Operation) -> Iterator[Rule]:
    """Yield the rules about the operation's answers as such."""

    def rule(name: str, title: str, source: Source, check: Check, level: Level = Level.CORE) -> Rule:
        about = Answers(check, to_errors=level is Level.ADVICE, fields=())
        return Rule(f"{operation.id}/{name}", level, operation.id, source, about, title=title)

    if operation.success is not None:
        status = operation.success.rpartition("/")[2]
        source = contract.source(operation.success, f"responses: '{status}'")
        yield rule("response/status", f"a success has status {status}", source, _status(status))
    json = json_type(operation.answer_types)
    if json is not None:
        types = operation.answer_types
        content = f"{operation.success}/content/{escape(json)}"
        source = contract.source(content, f"content: {', '.join(types)}")
        yield rule(
            "response/content-type", f"a success has the media type {' or '.join(types)}", source, _content_type(types)
        )
        yield rule("response/json", "the body of a success is valid JSON", source, _json(types))
    if operation.refusal is not None:
        if operation.error is not None:
            source = contract.source(f"{operation.refusal}/content/application~1json", "content: application/json")
            yield rule("error/json", "an error answer is valid JSON", source, _error_json, Level.ADVICE)
        source = contract.source(operation.refusal, f"responses: {operation.refusal[-3:]}")
        title = "a refusal has a usual status, such as 400"
        yield rule("error/status", title, source, _refusal_status, Level.ADVICE)


def _status(documented: str) -> Check:
    def check(view: View) -> list[str] | None:
        right = str(view.status) == documented or documented.upper() == "2XX"
        return [] if right else [f"the status is {view.status}"]

    return check


def _content_type(documented: tuple[str, ...]) -> Check:
    def check(view: View) -> list[str] | None:
        return [] if view.media_type in documented else [f"the media type is {show(view.media_type)}"]

    return check


def _json(documented: tuple[str, ...]) -> Check:
    others = [media_type for media_type in documented if json_type((media_type,)) is None]

    def check(view: View) -> list[str] | None:
        return None if view.media_type in others else _is_json(view)

    return check


def _error_json(view: View) -> list[str] | None:
    if view.media_type != "application/json":
        return [f"the media type is {show(view.media_type)}"]
    return _is_json(view)


def _is_json(view: View) -> list[str]:
    if view.exchange.answer and not view.exchange.answer.whole:
        raise CouldNotTell("the body is so large, or holds so many values, that no more than its beginning was read")
    if view.is_json:
        return []
    said = beginning(view.exchange.answer.body, _BEGINNING) if view.exchange.answer else ""
    return [f"the body is not JSON: {view.fault}{f'; it begins with {said}' if said else ''}"]


def _refusal_status(view: View) -> list[str] | None:
    if not view.exchange.refused or view.exchange.valid:
        return None
    return [] if view.status in _USUAL else [f"the status is {view.status} where 400 is usual"]

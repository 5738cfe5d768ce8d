"""How servers usually mend what breaks rules: a hint for each kind of cause."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Kind(StrEnum):
    """What a server does that makes several rules fail at once."""

    NOTHING = "nothing is accepted"
    WHATEVER = "whatever is asked"
    UNSTEADY = "unsteady"
    KEYS = "keys"
    REFUSED = "valid refused"
    BREAKS = "valid fails"
    ERROR_ANSWERED = "valid gets an error body"
    TAKEN = "invalid accepted"
    IGNORED = "field ignored"
    ERROR_AS_SUCCESS = "invalid gets a success with an error body"
    FAILS = "invalid fails"
    REDIRECTED = "invalid redirected"
    HANGS = "invalid hangs"
    ANSWERS = "answers"
    ERRORS = "error answers"


HINTS: Mapping[Kind, str] = {
    Kind.NOTHING: "Try the command: the answer often says what the server wants.",
    Kind.WHATEVER: "Route by method and path, check the fields, and do as they say.",
    Kind.UNSTEADY: "Look for races, shared state, and instances that differ.",
    Kind.KEYS: "Compare the bearer token before anything else, and answer 401.",
    Kind.REFUSED: "Accept what the contract allows, even if it has no effect here.",
    Kind.BREAKS: "Find the exception in the log: no valid request may end in one.",
    Kind.ERROR_ANSWERED: "Answer errors with 4xx or 5xx: clients take 200 for success.",
    Kind.TAKEN: "Check all fields before work begins; answer 400, name the field.",
    Kind.IGNORED: "Do as the field says, or refuse what is not supported.",
    Kind.ERROR_AS_SUCCESS: "Answer errors with 4xx: clients take a 200 for success.",
    Kind.FAILS: "Turn what validation raises into 400, in one handler for all.",
    Kind.REDIRECTED: "Answer 400 at once: behind a redirect no client finds images.",
    Kind.HANGS: "Refuse before work begins: an error behind it is never answered.",
    Kind.ANSWERS: "Compare the answer with the contract's schema where it is built.",
    Kind.ERRORS: "Answer {error: {message, type, param, code}}, as SDKs expect.",
}
"""The hint for each kind of cause: short, for it stands on one line of a terminal."""

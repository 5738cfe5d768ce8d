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
    Kind.NOTHING: "Send the command by hand: the answer mostly says which model, key or setting the server wants.",
    Kind.WHATEVER: "Look at what was asked: route by method and path, check the fields, then answer what they ask for.",
    Kind.UNSTEADY: "Look for state that requests share, for races, and for instances behind a balancer that differ.",
    Kind.KEYS: "Compare the bearer token with the keys that were given out before anything else, and answer 401.",
    Kind.REFUSED: "Let through what the contract allows; what is not supported yet can be ignored if it may be.",
    Kind.BREAKS: "Find the exception in the server's log: a valid request must not end in one.",
    Kind.ERROR_ANSWERED: "Give an error a status of 4xx or 5xx: clients take a 200 for the result.",
    Kind.TAKEN: "Check each field against the contract before work begins, and answer 400 with the field's name.",
    Kind.IGNORED: "Read the field and do as it says, or refuse what is not supported.",
    Kind.ERROR_AS_SUCCESS: "Set the status where the error is made: clients take a 200 for the result.",
    Kind.FAILS: "Turn the exceptions of the validation into 400, in one handler for all fields.",
    Kind.REDIRECTED: "Answer 400 on the spot: a client that follows a redirect gets a page for its images.",
    Kind.HANGS: "Refuse before work begins: an error in a background task leaves the client waiting.",
    Kind.ANSWERS: "Compare the answer with the response schema of the contract where it is built.",
    Kind.ERRORS: 'Answer errors as {"error": {"message", "type", "param", "code"}}: the SDKs show what stands there.',
}
"""The hint for each kind of cause."""

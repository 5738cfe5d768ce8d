"""Takes a run up where an earlier one ended: what it came to is taken from its recording instead of sent again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from attrs import field, frozen

from conformance.suite.exchange import recording
from conformance.suite.exchange.recording import Exchange, Header
from conformance.suite.exchange.upload import Content
from conformance.suite.plan.plan import Plan
from conformance.suite.settings import UsageError

_SAME: Mapping[str, Callable[[Header], object]] = {
    "URL": lambda header: header.embedded or header.url,
    "MODEL": lambda header: header.model,
    "MODELS": lambda header: dict(header.models),
    "SIZES": lambda header: header.sizes,
    "contract": lambda header: header.contract_sha256,
    "headers": lambda header: dict(header.headers),
    "choice between a key and none": lambda header: header.key_used,
    "--seed": lambda header: header.shape and header.shape.seed,
    "--examples": lambda header: header.shape and header.shape.examples,
}
"""What must be as it was for answers of then and now to be those of one run."""


@frozen
class Earlier:
    """What there is of a run: the header, the exchanges that came to something, and all that was sent, in order."""

    header: Header
    exchanges: Mapping[str, Exchange] = field(repr=False, hash=False)
    sent: tuple[Exchange, ...] = field(repr=False)


def read(path: Path, contents: tuple[type[Content], ...], header: Header, plan: Plan) -> Earlier:
    """Read what a run that has this header and follows this plan can build on.

    Raises UsageError if there is nothing, or if it is of another run, and RecordingError if it is no recording.
    """
    if not path.is_file():
        raise UsageError(f"there is no {path} to resume; leave --resume out, or name its folder with OUT.")
    made = recording.read(path, contents)
    for what, of in _SAME.items():
        if of(made.header) != of(header):
            raise UsageError(f"{path} is of a run with another {what}; give the same, or leave --resume out.")
    exchanges = {id_: one for id_, one in made.exchanges.items() if not one.left_out}
    planned = {one.id: one.request.key for one in plan.exchanges}
    if any(planned.get(id_, one.request.key) != one.request.key for id_, one in exchanges.items()):
        raise UsageError(f"{path} is of another version of this suite; leave --resume out.")
    return Earlier(made.header, exchanges, recording.sent(path, contents))

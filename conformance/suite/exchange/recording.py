"""The recording of a run: every exchange as sent and received, one JSON line each, written as it happens.

The first line says what was run against what; each further line is one exchange. What is given to a ``Writer`` holds no
secret any more; the values here may, for they hold what came over the wire, and so show none of it in their ``repr``.
What was sent again stands there again, under the same id. Where the run was interrupted, a line says so, and where it
was resumed, another one. A recording can be judged again without a server.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from attrs import evolve, field, frozen
from cattrs.errors import ClassValidationError

from conformance.suite.exchange.codec import CODEC, codec
from conformance.suite.exchange.held import Body, hold, taken
from conformance.suite.exchange.request import Request
from conformance.suite.exchange.upload import Content

NOT_SENT = "not sent: "
GIVEN_UP = "given up: "
"""How the reason begins why there is no answer that was not sent, or not waited for, because the user wanted it so."""
OVER_BUDGET = f"{NOT_SENT}the image budget is spent"
OVER_REQUESTS = f"{NOT_SENT}as many requests were sent as --requests allows"
TOO_LARGE = f"{NOT_SENT}it asks for an image that is larger than --max-size"
SPENT = (OVER_BUDGET, OVER_REQUESTS)
"""What may be sent later after all, if what was held back is not needed."""
OUT_OF_TIME = "the deadline of the run was over"
INTERRUPTED = "the run was interrupted"
TIMED_OUT = "no answer within"
"""With what the failure of an exchange begins if no answer came in time."""
NO_CONNECTION = "no connection"
"""With what it begins if there was no connection to send anything on."""
OUT_OF_REACH = "could not be fetched from here"
"""How the reason begins why a file was not fetched that others may well be able to fetch."""
AT_FIRST = "after status"
"""What is said of a file beside its answer, before the status, if the server failed when it was asked for first."""


_INTERRUPTED, _RESUMED = {"run": "interrupted"}, {"run": "resumed"}


class RecordingError(Exception):
    """A recording can't be written or read; the message says which and what to do."""


@frozen
class Answer:
    """What a server answered: status, headers in order, body, and whether that is the ``whole`` body.

    Of an answer that is no success no more may have been read than its beginning (``bounds``).
    """

    status: int
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    _body: Body = field(repr=False, converter=hold)
    whole: bool = True

    @property
    def body(self) -> bytes:
        """The body."""
        return taken(self._body)

    def header(self, name: str) -> str:
        """Return the first header of this name, or an empty text."""
        return next((value for key, value in self.headers if key.lower() == name), "")


@frozen
class Fetch:
    """One GET of a URL that an answer held, without the key: its answer, or why there is none."""

    url: str = field(repr=False)
    answer: Answer | None
    failure: str | None = None

    @property
    def status(self) -> int:
        """The HTTP status, or 0 without an answer."""
        return self.answer.status if self.answer else 0

    @property
    def out_of_reach(self) -> bool:
        """Whether it may be this machine alone that can't come to the host, which says nothing of the URL."""
        return self.answer is None and (self.failure or "").startswith(OUT_OF_REACH)

    @property
    def is_unsteady(self) -> bool:
        """Whether the server failed at first and then gave another answer."""
        return self.answer is not None and (self.failure or "").startswith(AT_FIRST)


@frozen
class Exchange:
    """One request and what came of it: an answer, or in a few words why there is none.

    ``valid`` says whether the contract allows the request, ``random`` whether it was generated rather than planned.
    ``seconds`` is how long the answer, or the lack of one, took. ``before`` is what came when the same request was sent
    before: what would be held against the server is sent again. ``since`` is when the run was resumed in which it was
    sent, in seconds since 1970; None if it was not resumed.
    """

    id: str
    request: Request
    valid: bool
    answer: Answer | None
    failure: str | None = None
    seconds: float = 0.0
    fetches: tuple[Fetch, ...] = ()
    random: bool = False
    before: Exchange | None = None
    since: float | None = None

    @property
    def sendings(self) -> tuple[Exchange, ...]:
        """What came each time that the request was sent, in that order."""
        return (*(self.before.sendings if self.before else ()), self)

    @property
    def status(self) -> int:
        """The HTTP status of the last answer, or 0 without one."""
        return self.answer.status if self.answer else 0

    @property
    def accepted(self) -> bool:
        """Whether the server took the request, at least once."""
        return any(200 <= one.status < 300 for one in self.sendings)  # noqa: PLR2004 - RFC 9110, section 15.3

    @property
    def refused(self) -> bool:
        """Whether the server put the fault on the request, each time; 429 says nothing about its content."""
        return all(400 <= one.status < 500 and one.status != 429 for one in self.sendings)  # noqa: PLR2004 - RFC 9110, section 15.5

    @property
    def left_out(self) -> bool:
        """Whether it was the user's own limit, or an interruption, that kept it from being sent or waited for."""
        return self.answer is None and (self.failure or "").startswith((NOT_SENT, GIVEN_UP))

    @property
    def sent(self) -> bool:
        """Whether the request went to the server, whatever came of it."""
        return not (self.left_out and (self.failure or "").startswith(NOT_SENT))

    @property
    def interrupted(self) -> bool:
        """Whether it is missing because the run was interrupted."""
        return self.left_out and (self.failure or "").endswith(INTERRUPTED)

    @property
    def limited(self) -> bool:
        """Whether it is missing because of the user's own limit."""
        return self.left_out and not self.interrupted

    @property
    def lost(self) -> bool:
        """Whether the connection failed: there is no answer, and not because none came in time."""
        return self.answer is None and not self.left_out and not self.late

    @property
    def unsent(self) -> bool:
        """Whether nothing came to the server, because there was no connection to it."""
        return self.answer is None and (self.failure or "").startswith(NO_CONNECTION)

    @property
    def late(self) -> bool:
        """Whether no answer came in time."""
        return self.answer is None and (self.failure or "").startswith(TIMED_OUT)

    @property
    def failed(self) -> bool:
        """Whether the server or the network failed, so that the answer, if any, may be another one the next time."""
        return self.lost or (self.status >= 500 and self.status != 503)  # noqa: PLR2004 - RFC 9110, section 15.6

    def fetch(self, url: str) -> Fetch | None:
        """Return the fetch of this URL, or None."""
        return next((fetch for fetch in self.fetches if fetch.url == url), None)


@frozen
class Shape:
    """The options that shape what a run sends: seed and number of random requests, and the bounds."""

    seed: int
    examples: int
    images: int | None
    concurrency: int
    timeout: float
    size: str | None = None
    deadline: float | None = None
    rate: float | None = None
    requests: int | None = None


@frozen
class Header:
    """What was run: target, models, sizes, wall-clock time (seconds since 1970), hash of the contract, and how.

    ``embedded`` says that the target was the embedded reference server, ``insecure`` that no certificate was checked.
    ``offered`` are the models that the server names, without secrets. ``headers`` are the user's, as they were given;
    of secret ones the names alone.
    """

    url: str
    model: str | None
    models: Mapping[str, str] = field(hash=False)
    key_used: bool
    started: float
    contract_sha256: str
    embedded: bool = False
    shape: Shape | None = None
    headers: Mapping[str, str] = field(factory=dict[str, str], hash=False)
    sizes: tuple[str, ...] = ()
    offered: tuple[str, ...] = ()
    insecure: bool = False


@frozen
class Recording:
    """A whole run on which every verdict rests, or what was made of it before it was ``interrupted``."""

    header: Header
    exchanges: Mapping[str, Exchange] = field(repr=False, hash=False)
    interrupted: bool = False


class Writer:
    """Appends exchanges to a recording file; every line is on disk when the call returns."""

    def __init__(self, path: Path, header: Header, *, resumes: bool = False) -> None:
        """Create the file, replacing an older one, or go on with that if the run resumes its run.

        Raises RecordingError if that can't be done.
        """
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if resumes:
                whole = path.read_bytes().rpartition(b"\n")
                os.truncate(path, len(whole[0] + whole[1]))
            self._file: IO[str] = path.open("a" if resumes else "w", encoding="utf-8")
        except OSError as error:
            raise RecordingError(f"the recording {path} can't be written: {error.strerror}.") from error
        try:
            self._line(_RESUMED if resumes else {"header": CODEC.unstructure(header)})
        except RecordingError:
            self.close()
            raise

    def add(self, exchange: Exchange) -> None:
        """Append one exchange, as it was sent last."""
        self._line({"exchange": CODEC.unstructure(evolve(exchange, before=None))})

    def interrupted(self) -> None:
        """Append that the run was interrupted."""
        self._line(_INTERRUPTED)

    def close(self) -> None:
        """Close the file."""
        with contextlib.suppress(OSError):  # that the disk is full was told when a line was added
            self._file.close()

    def _line(self, data: object) -> None:
        try:
            self._file.write(json.dumps(data) + "\n")
            self._file.flush()
        except OSError as error:
            raise RecordingError(f"the recording can't be written further: {error.strerror}.") from error


def read(path: Path, contents: tuple[type[Content], ...] = ()) -> Recording:
    """Read a recording; a last line that a crash cut off is left out. Raises RecordingError if it is none.

    ``contents`` are the recipes of files that it may hold.
    """
    header, parts = _parts(path, contents)
    made: dict[str, Exchange] = {}
    for part in parts:
        if isinstance(part, Exchange):
            before = made.get(part.id)
            if before is None or before.left_out:
                made[part.id] = part
            elif not part.left_out:
                made[part.id] = evolve(part, before=before)
        elif part == _RESUMED:
            made = {id_: exchange for id_, exchange in made.items() if not exchange.left_out}
    return Recording(header, made, interrupted=bool(parts) and parts[-1] == _INTERRUPTED)


def sent(path: Path, contents: tuple[type[Content], ...] = ()) -> tuple[Exchange, ...]:
    """Return each sending that a recording holds, in order, with those that were given up; raises RecordingError."""
    _, parts = _parts(path, contents)
    return tuple(part for part in parts if isinstance(part, Exchange) and part.sent)


def _parts(path: Path, contents: tuple[type[Content], ...]) -> tuple[Header, list[Exchange | dict[str, str]]]:
    """Return the header of a recording, and what each further line says."""
    known = codec(contents)
    notes = (_INTERRUPTED, _RESUMED)
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
        header = known.structure(json.loads(lines[0])["header"], Header)
        said = [json.loads(line) for line in lines[1:-1]]
        return header, [one if one in notes else known.structure(one["exchange"], Exchange) for one in said]
    except ClassValidationError as error:
        raise RecordingError(
            f"{path} is not a recording of this suite: it lacks something or has it otherwise."
        ) from error
    except RecursionError:
        raise RecordingError(f"{path} is not a recording of this suite: it is nested too deep.") from None
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise RecordingError(f"{path} is not a recording of this suite: {error}.") from error

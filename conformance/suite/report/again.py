"""The command line that makes a run again: the options by which it was shaped, and none that is the default.

The key and the headers of the user stand in the environment, and so never in a command.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from conformance import CONTRACT
from conformance.suite.exchange.recording import Header, Shape
from conformance.suite.rules.rule import Level
from conformance.suite.sending import redaction
from conformance.suite.settings import REQUESTS, Limits, Settings, Target, is_loopback

PROGRAM = "python -m conformance"
_UNITS = {"s": 1, "m": 60, "h": 3600}
_EXACT = 1e-9
"""Of a rate per second, what rounding may have lost."""


def command(settings: Settings, header: Header) -> str:
    """Return the command line of a run; what was sent is the recording's, which rules are judged is the user's."""
    words = [] if header.embedded else [header.url]
    for option, value in _options(settings, header):
        # A value that begins with a dash would be read as an option.
        words += [f"{option}={value}"] if value.startswith("-") else [option, value]
    words += ["--insecure"] if header.insecure else []
    line = " ".join([PROGRAM, *map(shlex.quote, words)])
    return redaction.of(settings.target).words(line)


def _options(settings: Settings, header: Header) -> Iterator[tuple[str, str]]:
    """Yield the options that are not the default ones."""
    given = {
        "--model": header.model,
        "--models": ",".join(f"{documented}={own}" for documented, own in header.models.items()),
        "--sizes": ",".join(header.sizes),
        "--only": ",".join(settings.only),
        "--exclude": ",".join(settings.exclude),
        "--level": settings.level.value if settings.level is not Level.ADVICE else None,
        "--contract": str(settings.contract) if settings.contract != CONTRACT else None,
        "--known": str(settings.known) if settings.known else None,
    }
    yield from ((option, value) for option, value in given.items() if value)
    if header.shape:
        yield from _bounds(header.shape, elsewhere=not header.embedded and not is_loopback(header.url))


def _bounds(shape: Shape, *, elsewhere: bool) -> Iterator[tuple[str, str]]:
    """Yield the options that bound what is sent; of a server on another machine some have other defaults."""
    usual = Limits()
    if shape.images is not None or elsewhere:
        yield "--images", "all" if shape.images is None else str(shape.images)
    if shape.size is not None:
        yield "--max-size", shape.size
    if shape.concurrency != (1 if elsewhere else usual.concurrency):
        yield "--concurrency", str(shape.concurrency)
    if shape.timeout != usual.seconds:
        yield "--timeout", _plain(shape.timeout)
    if shape.deadline is not None:
        yield "--deadline", _plain(shape.deadline)
    if shape.rate is not None:
        yield "--rate", _rate(shape.rate)
    if shape.requests is not None and shape.requests != REQUESTS:
        yield "--requests", str(shape.requests)
    default = Settings(Target(""))
    if shape.examples != default.examples:
        yield "--examples", str(shape.examples)
    if shape.seed != default.seed:
        yield "--seed", str(shape.seed)


def _plain(seconds: float) -> str:
    return str(int(seconds)) if seconds == int(seconds) else repr(seconds)


def _rate(rate: float) -> str:
    """Return a rate per second as it was given: a whole number in a unit of time."""
    counted = {unit: rate * seconds for unit, seconds in _UNITS.items()}
    unit = next((unit for unit, number in counted.items() if abs(number - round(number)) < _EXACT * number), "h")
    return f"{round(counted[unit])}/{unit}"

"""What is said before the first request: what is checked, against how many rules, and at what cost."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from conformance.suite.exchange.words import count
from conformance.suite.forecast import Forecast
from conformance.suite.plan.prepared import Prepared
from conformance.suite.report.report import Result
from conformance.suite.report.terminal import EMBEDDED, say
from conformance.suite.sending import redaction
from conformance.suite.settings import Settings


def checking(
    console: Console, settings: Settings, prepared: Prepared, before: Forecast, *, bounded: bool = False
) -> None:
    """Say what a run will be about; ``bounded`` says that nobody asked for the image budget."""
    target = settings.target
    what = f"the {EMBEDDED} (give a URL to check another one)" if target.embedded else _url(settings)
    requests = count(len(before.sent) + before.random, "request")
    images = count(before.images + before.random_images, "image")
    cost = f"up to {requests} for {images} if all is well"
    say(console, f"checking {what}: {_rest(settings, prepared, cost, key=target.key is not None)}")
    if bounded:
        say(
            console,
            f"the server may make {settings.limits.images} images, for they may cost money; IMAGES sets another"
            " number, or all.",
        )


def judging(console: Console, file: Path, result: Result) -> None:
    """Say which recording is judged again."""
    settings, header = result.settings, result.recording.header
    what = f"{EMBEDDED} " if header.embedded else ""
    sent = count(result.requests, "recorded request")
    rest = _rest(settings, result.prepared, sent, key=header.key_used)
    say(console, f"judging {file} again, a recording of {what}{_url(settings)}: {rest}")


def _rest(settings: Settings, prepared: Prepared, cost: str, *, key: bool) -> str:
    known = "with a key" if key else "without a key"
    return f"{count(len(prepared.rules), 'rule')}, {cost}, {known}; report in {settings.out}/"


def _url(settings: Settings) -> str:
    return redaction.of(settings.target).text(settings.target.url)

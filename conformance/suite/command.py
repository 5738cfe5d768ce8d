"""One run from the command line: here the engine and the Images API are put together.

First the run with its progress bar, then the report, then pytest, which only looks verdicts up and writes junit.xml.
Without a URL the reference server is started in a process of its own, on a free loopback port, and stopped afterwards.
"""

from __future__ import annotations

import asyncio
import io
import os
import secrets
import subprocess
import sys
import traceback
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

from attrs import evolve, field, frozen
from rich.console import Console

from conformance import distribution
from conformance.suite import run
from conformance.suite.contract.nodes import ContractError
from conformance.suite.exchange import recording
from conformance.suite.exchange.recording import Exchange, RecordingError
from conformance.suite.exchange.words import visible
from conformance.suite.forecast import Forecast, forecast
from conformance.suite.images import IMAGES
from conformance.suite.options import Options, parse
from conformance.suite.report import (
    adopting,
    compare_command,
    listing,
    markdown,
    pages,
    planning,
    progress,
    record,
    report,
    start,
    terminal,
)
from conformance.suite.report import known as known_failures
from conformance.suite.report.record import Exit, Report
from conformance.suite.report.report import Result
from conformance.suite.rules import ledger
from conformance.suite.rules.catalogue import all_rules
from conformance.suite.rules.rule import RuleError
from conformance.suite.run import CouldNotRun, Prepared
from conformance.suite.sending import redaction
from conformance.suite.sending.ending import Ending
from conformance.suite.sending.signals import watched
from conformance.suite.settings import Settings, Target, UsageError

_ANNOUNCEMENT = "listening on "
CANNOT = (UsageError, RuleError, ContractError, RecordingError, CouldNotRun)
"""What keeps a run from being made; the message says in one sentence what to do."""


class _Console(Console):
    """Prints plain text, and goes on in silence when nobody reads it any more, as behind ``| head``."""

    def __init__(self, *, stderr: bool = False) -> None:
        super().__init__(stderr=stderr, highlight=False, markup=False)

    def on_broken_pipe(self) -> None:
        """Leave the exit code to the result; rich would end the program with 1, as if a server were not conformant."""
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), self.file.fileno())  # where Python may write what it still holds


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # what a server sent may have no place in its encoding
    errors = _Console(stderr=True)
    errors.soft_wrap = not errors.is_terminal  # which breaks a sentence between words
    target = Target("")
    try:
        given = list(sys.argv[1:] if arguments is None else arguments)
        if given[:1] == [compare_command.NAME]:
            return compare_command.main(given[1:], _Console(), IMAGES.renamed)
        options = parse(given, os.environ)
        target = options.settings.target
        return _command(options, errors)
    except CANNOT as error:
        errors.print(f"images-conformance: {visible(str(error))}")
    except KeyboardInterrupt:
        errors.print("images-conformance: interrupted; what was exchanged so far is in the recording.")
    except Exception:  # noqa: BLE001 - a fault of ours must not look like one of the server's
        fault = redaction.of(target).words(traceback.format_exc())
        errors.print(f"images-conformance: the suite failed, please report this:\n{fault}")
    return Exit.COULD_NOT_RUN


def _command(options: Options, errors: Console) -> int:
    console = _Console()
    if options.rules or options.plan:
        settings = _settings(options)
        prepared = prepare(settings)
        with _printable("what was asked for"):
            if options.rules:
                every = all_rules(prepared.contract, IMAGES)
                accounts = ledger.read(prepared.contract, every, IMAGES.ledger)
                listing.rules(console, prepared.rules, every, accounts, options.settings.contract)
            else:
                made = asyncio.run(forecast(settings, prepared))
                planning.plan(console, settings, prepared, made, options.price)
        return Exit.CONFORMANT
    from conformance.suite.report import items  # noqa: PLC0415 - pytest takes long to import, and is needed last

    with interruptible(errors) as interruption:
        built = check(options, errors, interruption)
        items.write(built, options.settings.out / "junit.xml")
        where = options.settings
        with _printable("the result", f"; it is in {where.out}"):
            if options.quiet:
                terminal.closing(console, built)
            else:
                terminal.summary(console, built, where.contract, where.out, verbose=options.verbose)
    return record.exit_code(built)


@contextmanager
def _printable(what: str, more: str = "") -> Generator[None]:
    """Say in a sentence why something can't be printed, such as on a disk that is full."""
    try:
        yield
    except OSError as error:
        raise UsageError(f"{what} can't be printed: {error.strerror}{more}.") from error


@frozen
class Interruption:
    """How a user ends a run before its time, and the processes that end with the program."""

    ending: Ending
    started: list[subprocess.Popen[str]] = field(factory=list["subprocess.Popen[str]"])


@contextmanager
def interruptible(errors: Console) -> Generator[Interruption]:
    """Let the first signal end the sending, which is told, and the second one the program."""

    def told() -> None:
        errors.print("images-conformance: interrupted; what came so far is judged now, a second time leaves at once.")

    made = Interruption(Ending(told=told))
    with watched(made.ending, made.started):
        yield made


def check(options: Options, errors: Console, interruption: Interruption) -> Report:
    """Make the run, or judge the recording, that the options ask for; writes its report and returns it."""
    settings = options.settings if options.judge else _settings(options)
    if options.embedded and options.judge is None and (absent := distribution.lacking()):
        raise CouldNotRun(f"without a URL the embedded server is checked, which {absent}, or give a URL.")
    known, held = known_failures.read(settings.known), adopting.read(options.adopt)
    prepared = prepare(settings)  # what can't be used is told before anything is started
    rules = all_rules(prepared.contract, IMAGES)
    known, held = (known_failures.settle(entries, rules, IMAGES.renamed) for entries in (known, held))
    known_failures.check(known, rules)
    record.discard(settings.out)
    told = Console(stderr=True, quiet=True) if options.quiet else errors
    for notice in known_failures.notices(known):
        told.print(f"images-conformance: {visible(notice)}")
    if options.judge is not None:
        result = _judge_again(options.judge, settings)
        start.judging(told, options.judge, result)
    else:
        before = asyncio.run(forecast(settings, prepared))
        start.checking(told, settings, prepared, before, bounded=options.bounded)
        if options.embedded:
            with _reference(interruption.started) as target:
                settings = evolve(settings, target=target)
                result = _run(settings, prepared, before, told, interruption.ending)
        else:
            result = _run(settings, prepared, before, told, interruption.ending)
    built = report.build(result, known)
    record.write(built, settings.out)
    pages.write(built, result.shown, result.prepared, settings.out)
    if options.adopt:
        told.print(visible(adopting.write(built, options.adopt, held)))
    failure = markdown.append(built, options.summary) if options.summary else ""
    if failure:
        errors.print(f"images-conformance: {visible(failure)}")
    return built


def prepare(settings: Settings) -> Prepared:
    """Return what a run with these settings is about."""
    return run.prepare(settings, IMAGES)


def _settings(options: Options) -> Settings:
    """Return the settings, without a URL those for the embedded server, as far as they are known before it is started.

    It asks for a key, and with one there is more to find out.
    """
    if not options.embedded:
        return options.settings
    return evolve(options.settings, target=Target("http://localhost", "key", embedded=True))


def _run(settings: Settings, prepared: Prepared, before: Forecast, told: Console, ending: Ending) -> Result:
    def images(exchange: Exchange) -> int:
        return report.received(IMAGES, [evolve(exchange, before=None)])

    ahead = progress.ahead(prepared, before, settings.limits.deadline)
    with progress.bar(told, prepared, ahead, images) as bar:
        record = settings.out / run.RECORDING
        return asyncio.run(run.run(settings, prepared, on_exchange=bar, record=record, ending=ending))


def _judge_again(file: Path, settings: Settings) -> Result:
    """Judge the recording of an earlier run; the target and the models are those of that run."""
    made = recording.read(file, IMAGES.contents)
    header = made.header
    key = "" if header.key_used else None
    target = Target(header.url, key, headers=header.headers, embedded=header.embedded, insecure=header.insecure)
    settings = evolve(settings, target=target, model=header.model, models=header.models, sizes=header.sizes)
    prepared = prepare(settings)
    if prepared.contract.sha256 != header.contract_sha256:
        raise UsageError(f"{file} was recorded under another contract; make a new recording.")
    known = prepared.contract.operations
    if any(exchange.request.operation not in known for exchange in made.exchanges.values()):
        raise UsageError(f"{file} holds exchanges of operations that the contract doesn't have; make a new recording.")
    return run.result_of(settings, prepared, made)


@contextmanager
def _reference(started: list[subprocess.Popen[str]]) -> Generator[Target]:
    """Start the reference server with a key of its own, and yield it as a target.

    A terminal sends its signals to a whole group of processes, and the server is not to end before the run.
    """
    command = [sys.executable, "-m", "conformance.reference", "--port", "0"]
    key = secrets.token_urlsafe()
    environment = {**os.environ, "IMAGES_REFERENCE_API_KEY": key}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, process_group=0) as server:  # noqa: S603 - a fixed command
        started.append(server)
        try:
            announced = server.stdout.readline() if server.stdout else ""
            if not announced.startswith(_ANNOUNCEMENT):
                raise CouldNotRun(
                    "the embedded reference server did not start; run `python -m conformance.reference` to see why."
                )
            yield Target(announced.removeprefix(_ANNOUNCEMENT).strip(), key, embedded=True)
        finally:
            server.terminate()

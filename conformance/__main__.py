"""``python -m conformance``: one run from the command line.

Without a URL it starts the reference server in a process of its own, on a free loopback port, and stops it afterwards.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import subprocess
import sys
import traceback
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

from attrs import evolve
from rich.console import Console

from conformance import CONTRACT
from conformance.suite import items, ledger, pages, recording, report, run, terminal
from conformance.suite.contract import ContractError
from conformance.suite.options import Options, parse
from conformance.suite.recording import RecordingError
from conformance.suite.report import Exit, Known, Report
from conformance.suite.rules import RuleError, all_rules
from conformance.suite.run import CouldNotRun, Prepared, Result
from conformance.suite.settings import Settings, Target, UsageError

_ANNOUNCEMENT = "listening on "


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    errors = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
    try:
        return _command(parse(sys.argv[1:] if arguments is None else arguments, os.environ), errors)
    except (UsageError, RuleError, ContractError, RecordingError, CouldNotRun) as error:
        errors.print(f"images-conformance: {terminal.visible(str(error))}")
    except KeyboardInterrupt:
        errors.print("images-conformance: interrupted; what was exchanged so far is in the recording.")
    except Exception:  # noqa: BLE001 - a fault of ours must not look like one of the server's
        errors.print(f"images-conformance: the suite failed, please report this:\n{traceback.format_exc()}")
    return Exit.COULD_NOT_RUN


def _command(options: Options, errors: Console) -> int:
    console = Console(highlight=False, markup=False)
    settings = options.settings
    prepared = run.prepare(settings)
    if options.rules:
        every = ledger.read(prepared.contract, all_rules(prepared.contract))
        terminal.rules(console, prepared.rules, every, CONTRACT)
        return Exit.CONFORMANT
    if options.plan:
        terminal.plan(console, prepared.plan)
        return Exit.CONFORMANT
    known = report.read_known(settings.known)
    if options.judge is not None:
        built = _judge_again(options.judge, settings, known)
    elif options.embedded:
        with _reference() as target:
            settings = evolve(settings, target=target)
            built = _run(settings, run.prepare(settings), known, errors)
    else:
        built = _run(settings, prepared, known, errors)
    terminal.summary(console, built, CONTRACT, settings.out)
    return report.exit_code(built)


def _run(settings: Settings, prepared: Prepared, known: tuple[Known, ...], errors: Console) -> Report:
    """Make a run and report it."""

    def make() -> Result:
        with terminal.bar(errors, prepared.plan.least()[0]) as bar:
            record = settings.out / run.RECORDING
            return asyncio.run(run.run(settings, prepared, on_exchange=bar, record=record))

    return _report(settings, prepared, known, make)


def _judge_again(file: Path, settings: Settings, known: tuple[Known, ...]) -> Report:
    """Judge the recording of an earlier run; the target and the models are those of that run."""
    made = recording.read(file)
    header = made.header
    target = Target(header.url, key="not recorded" if header.key_used else None)
    settings = evolve(settings, target=target, model=header.model, models=header.models)
    prepared = run.prepare(settings)
    if prepared.contract.sha256 != header.contract_sha256:
        raise UsageError(f"{file} was recorded under another contract; make a new recording.")
    return _report(settings, prepared, known, lambda: run.result_of(settings, prepared, made))


def _report(settings: Settings, prepared: Prepared, known: tuple[Known, ...], make: Callable[[], Result]) -> Report:
    """Drive what makes a result through pytest and write its report."""

    def reported() -> Report:
        built = report.build(make(), known)
        report.write(built, settings.out)
        pages.write(built, settings.out)
        return built

    return items.drive(tuple(rule.id for rule in prepared.rules), reported, settings.out / "junit.xml")


@contextmanager
def _reference() -> Generator[Target]:
    """Start the reference server with a key of its own, and yield it as a target."""
    command = [sys.executable, "-m", "conformance.reference", "--port", "0"]
    key = secrets.token_urlsafe()
    environment = {**os.environ, "IMAGES_REFERENCE_API_KEY": key}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as server:  # noqa: S603 - a fixed command
        try:
            announced = server.stdout.readline() if server.stdout else ""
            if not announced.startswith(_ANNOUNCEMENT):
                raise CouldNotRun("the embedded reference server did not start; run `make mock` to see why.")
            yield Target(announced.removeprefix(_ANNOUNCEMENT).strip(), key)
        finally:
            server.terminate()


if __name__ == "__main__":
    sys.exit(main())

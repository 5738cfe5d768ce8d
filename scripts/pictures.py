"""Takes the two pictures of the README: what the terminal shows, and ``report.html``, of a server with three faults.

    .venv/bin/python -m scripts.pictures [DIR]

The server is the reference with three steps replaced, in this process, so that its address is always the same one. What
differs from run to run, when it was made and how long it took, is set; all else is as a user sees it. The picture of
the page needs Chromium and is left as it was without.
"""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
import tempfile
from io import StringIO
from pathlib import Path
from typing import Final

import attrs
import httpx
from PIL import Image
from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text
from starlette.responses import JSONResponse, Response

from conformance import CONTRACT
from conformance.reference import Behaviour, RefusedError, create_app
from conformance.selftest.browser.harness import ARGUMENTS, chromium
from conformance.suite import run
from conformance.suite.forecast import forecast
from conformance.suite.images import IMAGES
from conformance.suite.report import pages, report, start, terminal
from conformance.suite.report.record import Report
from conformance.suite.settings import Limits, Settings, Target

_DOCS: Final = CONTRACT.parent / "docs" / "pictures"
_URL: Final = "http://127.0.0.1:8000/v1"
_COMMAND: Final = f"$ images-conformance {_URL}"
_COLUMNS: Final = 100
_WIDTH, _HEIGHT, _COLOURS = 1280, 1178, 128
_MOST_AT_ONCE: Final = 4
_SECONDS, _DATE = 7.0, "2026-11-22T12:00:00Z"
# The fonts of the template are those of another host, which no README may load.
_TEMPLATE: Final = re.sub(r"@font-face \{\{.*?\}\}", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)


def faulty() -> Behaviour:
    """Make a server of three faults: four images at most, any image taken for a square one, errors in another shape."""

    def few(*arguments: object) -> int:
        return min(Behaviour().count_images(*arguments), _MOST_AT_ONCE)  # pyright: ignore[reportArgumentType] - handed on

    def anything(*_: object) -> None:
        return

    def detail(refusal: RefusedError) -> Response:
        return JSONResponse({"detail": str(refusal)}, Behaviour().refuse(refusal).status_code)

    return attrs.evolve(Behaviour(), count_images=few, check_square=anything, refuse=detail)


def main() -> None:
    """Make the run and take both pictures, into docs/pictures unless another folder is named."""
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else _DOCS
    settings = Settings(Target(_URL), limits=Limits(concurrency=1))
    prepared = run.prepare(settings, IMAGES)
    before = asyncio.run(forecast(settings, prepared))
    transport = httpx.ASGITransport(create_app(faulty()))
    result = asyncio.run(run.run(settings, prepared, transport=transport))
    built = dated(report.build(result))
    printed = StringIO()
    console = _console(printed)
    console.print(Text(_COMMAND, "bold green"))
    start.checking(console, settings, prepared, before)
    terminal.summary(console, built, CONTRACT, Path("report"))
    (out / "terminal.svg").write_text(drawn(printed.getvalue()), encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        pages.write(built, result.shown, result.prepared, Path(folder))
        screenshot(Path(folder) / "report.html", out / "report.png")


def drawn(printed: str) -> str:
    """Return what was printed as an SVG, with long lines broken at the edge, where a terminal breaks them."""
    made = _console(StringIO(), record=True)
    for line in printed.splitlines():
        text = Text.from_ansi(line)
        for part in text.divide(range(_COLUMNS, len(text), _COLUMNS)):
            made.print(part)
    made.print()  # the last line is cut off at the letters' feet
    return made.export_svg(title="images-conformance", code_format=_TEMPLATE, unique_id="terminal")


def _console(file: StringIO, *, record: bool = False) -> Console:
    return Console(
        record=record, width=_COLUMNS, file=file, force_terminal=True, color_system="truecolor", highlight=False
    )


def dated(built: Report) -> Report:
    """Return a report that says when it was made, and how long it took, as every other one of these."""
    latency = {**built["latency"], "median": 0.02, "p95": 0.05}
    return {**built, "date": _DATE, "seconds": _SECONDS, "latency": latency}  # pyright: ignore[reportReturnType] - two numbers are others


def screenshot(page: Path, picture: Path) -> None:
    """Take a picture of the top of a page as a PNG of few colours; says so where there is no Chromium."""
    browser = chromium()
    if browser is None:
        sys.stderr.write(f"Chromium is needed for {picture.name}, which is left as it was.\n")
        return
    with tempfile.TemporaryDirectory() as profile:
        taken = Path(profile) / "taken.png"
        command = [browser, "--headless", *ARGUMENTS, f"--user-data-dir={profile}", f"--window-size={_WIDTH},{_HEIGHT}"]
        subprocess.run(  # noqa: S603 - this machine's browser, and a page of ours
            [*command, "--hide-scrollbars", f"--screenshot={taken}", page.as_uri()], check=True, capture_output=True
        )
        with Image.open(taken) as image:
            image.convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE).save(picture, optimize=True)


if __name__ == "__main__":
    main()

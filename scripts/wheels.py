"""Builds both wheels and uses them as whoever installs them does: in clean environments, away from the repository.

    .venv/bin/python -m scripts.wheels [--python 3.13] [--out dist]

What they need comes from the package registry, so that this is a job of CI and no self-test. One environment gets the
client alone, one the client with all of its extras, one the suite alone and one the suite with the mock. Of each wheel
every module is imported and every console script run; what is installed and what is left behind is looked at too.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from email import message_from_bytes
from pathlib import Path
from typing import Final, TypeAlias
from zipfile import ZipFile

from attrs import frozen

ROOT: Final = Path(__file__).parents[1]
_UV: Final = Path(sys.executable).with_name("uv")
_ANNOUNCEMENT: Final = "listening on "
_SECONDS: Final = 120
_IMPORT: Final = "import importlib, sys; [importlib.import_module(name) for name in sys.argv[1:]]"
_CALL: Final = """
import sys
from openai_images_client import AuthenticatedClient
from openai_images_client.api.images import create_image
from openai_images_client.models import CreateImageRequest, ImagesResponse

client = AuthenticatedClient(base_url=sys.argv[1], token="any")
answer = create_image.sync(client=client, body=CreateImageRequest(prompt="An otter", size="256x256"))
assert isinstance(answer, ImagesResponse) and answer.data[0].url, answer
"""


@frozen
class Wheel:
    """A wheel that was built: its file, the modules, console scripts, plugins of pytest and extras that it has."""

    path: Path
    modules: tuple[str, ...]
    scripts: tuple[str, ...]
    plugins: tuple[str, ...]
    extras: tuple[str, ...]


@frozen
class Environment:
    """A virtual environment; its programs are run in an empty folder, without what leads back to the repository."""

    folder: Path
    empty: Path

    def run(self, program: str, *arguments: str, code: int = 0) -> str:
        """Run a program of it and return what it printed; raises SystemExit if it ends otherwise than by ``code``."""
        made = self.start(program, *arguments)
        said, _ = made.communicate(timeout=_SECONDS)
        if made.returncode != code:
            sys.exit(f"{program} {' '.join(arguments)[:200]} ended with {made.returncode}, not {code}:\n{said}")
        return said

    def start(self, program: str, *arguments: str) -> subprocess.Popen[str]:
        """Start a program of it."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "OPENAI_"))}
        return subprocess.Popen(  # noqa: S603 - programs of what was just built
            [self.folder / "bin" / program, *arguments],
            cwd=self.empty,
            env={**kept, "PYTHONDONTWRITEBYTECODE": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def installed(self) -> set[str]:
        """Name the distributions in it."""
        listed = _output(_UV, "pip", "list", "--quiet", "--format", "json", "--python", str(self.folder))
        return {entry["name"] for entry in json.loads(listed)}


Make: TypeAlias = Callable[..., Environment]
"""Makes an environment of that name with these requirements."""


def main() -> None:
    """Build, install and use both; exits with a sentence about the first thing that doesn't hold."""
    parser = argparse.ArgumentParser(description="Builds both wheels and uses them away from the repository.")
    parser.add_argument("--python", default=sys.executable, help="the Python to install them into")
    parser.add_argument("--out", type=Path, default=ROOT / "dist", help="where the wheels go (default: dist)")
    options = parser.parse_args()
    started = time.monotonic()
    client, suite = (_build(folder, options.out.absolute()) for folder in (ROOT / "generated", ROOT))
    _say(f"built {client.path.name} and {suite.path.name}")
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder)

        def environment(name: str, *requirements: str) -> Environment:
            return _environment(made / name, options.python, requirements)

        alone = _client(client, environment)
        _suite(suite, environment, alone)
    _say(f"both wheels hold, in {time.monotonic() - started:.0f} s")


def _client(client: Wheel, environment: Make) -> Environment:
    alone = environment("client", str(client.path))
    needed = environment("needed", "attrs", "httpx").installed()
    brought = alone.installed() - {"openai-images-client"}
    if brought != needed:
        sys.exit(f"the client brings {sorted(brought ^ needed)} otherwise than attrs and httpx do")
    alone.run("python", "-I", "-c", _IMPORT, *client.modules)
    _say(f"the client alone: {len(brought)} distributions beside it, those of attrs and httpx")
    if client.extras:
        more = environment("extras", f"{client.path}[{','.join(client.extras)}]")
        more.run("python", "-I", "-c", _IMPORT, *client.modules)
        _say(f"the client with {' and '.join(client.extras)}: {len(more.installed()) - 1} distributions beside it")
    return alone


def _suite(suite: Wheel, environment: Make, client: Environment) -> None:
    alone, mock = environment("suite", str(suite.path)), environment("mock", f"{suite.path}[mock]")
    mock.run("python", "-I", "-c", _IMPORT, *suite.modules)
    for where in (alone, mock):
        where.run("images-conformance", "--version")
        where.run("images-conformance", "--rules")
        fixtures = where.run("python", "-m", "pytest", "-p", "no:cacheprovider", "--fixtures", "--quiet")
        if absent := [name for name in suite.plugins if name not in fixtures]:
            sys.exit(f"pytest doesn't know the fixture {' and '.join(absent)}:\n{fixtures}")
    for script in suite.scripts:
        mock.run(script, "--version")
        said = alone.run(script, code=2)
        if said.count("\n") != 1 or "pip install 'openai-images-conformance[mock]'" not in said:
            sys.exit(f"{script} without its extra doesn't say what to install, but:\n{said}")
    _say(f"the suite alone: {len(alone.installed()) - 1} distributions beside it; {' and '.join(suite.scripts)} run")
    _say(mock.run("images-conformance", "--quiet").strip())
    with _serving(mock) as url:
        client.run("python", "-I", "-c", _CALL, url)
        _say(alone.run("images-conformance", url, "--quiet", "--only", "createImage/n/*").strip())
    for where in (alone, mock):
        left = {path.name for path in where.empty.iterdir()}
        if left != {"report"}:
            sys.exit(f"beside the report there is {sorted(left - {'report'})}")


@contextmanager
def _serving(mock: Environment) -> Generator[str]:
    """Run images-mock on a free port and yield its base URL."""
    with mock.start("images-mock", "--port", "0") as server:
        try:
            lines: Iterable[str] = server.stdout or ()
            line = next((line for line in lines if line.startswith(_ANNOUNCEMENT)), "")
            if not line:
                sys.exit("images-mock doesn't say where it listens")
            yield line.removeprefix(_ANNOUNCEMENT).strip()
        finally:
            server.terminate()


def _build(folder: Path, out: Path) -> Wheel:
    """Build the wheel of a project; only the backend is needed for it, which .venv has."""
    out.mkdir(parents=True, exist_ok=True)
    before = {path: path.stat().st_mtime_ns for path in out.glob("*.whl")}
    _output(Path(sys.executable), "-m", "hatchling", "build", "--target", "wheel", "--directory", str(out), cwd=folder)
    (path,) = (path for path in out.glob("*.whl") if before.get(path) != path.stat().st_mtime_ns)
    with ZipFile(path) as archive:
        names = archive.namelist()
        held = {Path(name).name: archive.read(name) for name in names if ".dist-info/" in name}
    modules = [name.removesuffix(".py").removesuffix("/__init__") for name in names if name.endswith(".py")]
    return Wheel(
        path,
        modules=tuple(name.replace("/", ".") for name in modules if not name.endswith("/__main__")),
        scripts=_named(held.get("entry_points.txt", b""), "console_scripts"),
        plugins=_named(held.get("entry_points.txt", b""), "pytest11"),
        extras=tuple(message_from_bytes(held["METADATA"]).get_all("Provides-Extra") or ()),
    )


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - the script's output


def _named(entry_points: bytes, group: str) -> tuple[str, ...]:
    section = entry_points.decode().partition(f"[{group}]")[2].partition("[")[0]
    return tuple(re.findall(r"^([\w-]+) = ", section, re.MULTILINE))


def _environment(folder: Path, python: str, requirements: tuple[str, ...]) -> Environment:
    empty = folder.with_name(f"{folder.name}-empty")
    empty.mkdir()
    _output(_UV, "venv", "--quiet", "--python", python, str(folder))
    _output(_UV, "pip", "install", "--quiet", "--python", str(folder), *requirements)
    return Environment(folder, empty)


def _output(program: Path, *arguments: str, cwd: Path | None = None) -> str:
    made = subprocess.run([program, *arguments], cwd=cwd, check=False, capture_output=True, text=True)  # noqa: S603
    if made.returncode:
        sys.exit(f"{program.name} {' '.join(arguments)} failed:\n{made.stdout}{made.stderr}")
    return made.stdout


if __name__ == "__main__":
    main()

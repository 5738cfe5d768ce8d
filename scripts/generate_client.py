"""Makes the distribution in generated/ from the contract, or checks that it is what the contract gives.

    python -m scripts.generate_client            make the client, if an input has changed
    python -m scripts.generate_client --check    exit 1 and name the files that differ, if any does

The generator runs in a staging folder beside the client, with templates that ``client_mends`` has mended, and treats
its own warnings as errors. Only a complete client takes the place of the old one, so a failure changes nothing. Beside
the package stands what makes a distribution of it, which ``client_project`` writes.

``generated/made-from.txt`` lists the inputs of the client, and the digest of the client itself. As long as the list
holds there is nothing to do; an edit of the client breaks it as a new input does. The check trusts no list: it
generates again and compares every byte.
"""

import argparse
import hashlib
import os
import re
import subprocess
import sys
import textwrap
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from attrs import frozen

from scripts import client_project, mending
from scripts.client_mends import MENDS
from scripts.client_project import COPIES, FILE, HOOK, ProjectError, read_shared
from scripts.mending import Mend, MendError, mended

PACKAGE = "openai_images_client"
RECORD = "made-from.txt"
GENERATOR = "openapi-python-client"
_STAGING = ".staging-"


class GenerationError(Exception):
    """The client could not be generated; the message is one sentence for the person who asked for it."""


@frozen
class Workspace:
    """The folder that holds the inputs, and ``generated/`` with the outputs."""

    root: Path

    @property
    def contract(self) -> Path:
        """The contract."""
        return self.root / "openapi.yaml"

    @property
    def config(self) -> Path:
        """The options of the generator."""
        return self.root / "generator-config.yml"

    @property
    def project(self) -> Path:
        """The project's own metadata, some of which the client shares."""
        return self.root / FILE

    @property
    def generated(self) -> Path:
        """The folder of the client, of its metadata and of the list of its inputs."""
        return self.root / "generated"


def update(workspace: Workspace, mends: Sequence[Mend] = MENDS) -> bool:
    """Generate the client if an input has changed or the client was edited; say whether that was so.

    Raises GenerationError, ProjectError, or MendError if a mend does not fit, and leaves the client as it was.
    """
    current = _tree(workspace.generated)
    if current.get(RECORD) == _record(workspace, mends, current):
        return False
    with _staged(workspace, mends) as staging:
        swap(staging, workspace.generated)
    return True


def drift(workspace: Workspace, mends: Sequence[Mend] = MENDS) -> list[str]:
    """List the files of ``generated/`` that are not, byte for byte, what the inputs give, and what is wrong with each.

    Raises GenerationError, ProjectError, or MendError if a mend does not fit.
    """
    with _staged(workspace, mends) as staging:
        wanted = _tree(staging)
    current = _tree(workspace.generated)
    return [
        f"{name} ({'missing' if name not in current else 'not generated' if name not in wanted else 'differs'})"
        for name in sorted(wanted.keys() | current.keys())
        if wanted.get(name) != current.get(name)
    ]


@contextmanager
def _staged(workspace: Workspace, mends: Sequence[Mend]) -> Generator[Path]:
    """Make a folder that holds what ``generated/`` ought to hold, for the duration of a with block."""
    workspace.generated.mkdir(exist_ok=True)
    # Beside the client, because a folder can be renamed only within one file system.
    with TemporaryDirectory(dir=workspace.generated, prefix=_STAGING) as name:
        folder = Path(name)
        templates, project, staging = folder / "templates", folder / "project", folder / "staging"
        _write_templates(templates, mends)
        _run_generator(workspace, templates, project)
        staging.mkdir()
        (project / PACKAGE).rename(staging / PACKAGE)
        for file, content in client_project.files(workspace.root, PACKAGE).items():
            (staging / file).write_bytes(content)
        (staging / RECORD).write_bytes(_record(workspace, mends, _tree(staging)))
        yield staging


def _write_templates(folder: Path, mends: Iterable[Mend]) -> None:
    spec = find_spec("openapi_python_client")
    if spec is None or spec.origin is None:
        message = f"{GENERATOR} is not installed"
        raise GenerationError(message)
    for name, text in mended(Path(spec.origin).parent / "templates", mends).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _run_generator(workspace: Workspace, templates: Path, output: Path) -> None:
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--fail-on-warning"]
    # "uv" is a kind of project that comes with a py.typed marker, which a bare package would lack.
    command += ["--meta", "uv", "--path", str(workspace.contract), "--config", str(workspace.config)]
    command += ["--custom-template-path", str(templates), "--output-path", str(output)]
    # The hooks call ruff by its bare name. This is the ruff of this environment, and no setting reaches it.
    # TYPER_USE_RICH=0 keeps the frames out of the generator's complaints.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RUFF_")}
    environment |= {"PATH": str(Path(sys.executable).parent), "TYPER_USE_RICH": "0"}
    result = subprocess.run(  # noqa: S603 - this very interpreter, with paths of the workspace as its only variables
        command, env=environment, capture_output=True, encoding="utf-8", errors="replace", check=False
    )
    if result.returncode:
        message = f"{GENERATOR} can't make a client from {workspace.contract.name}: {_complaint(result.stderr)}"
        raise GenerationError(message)


def _complaint(output: str) -> str:
    """Take what is wrong out of what the generator printed, in one line."""
    without_advice = output.partition("If you believe this was a mistake")[0]
    # The frames of a traceback are indented; the exception below them is not.
    without_frames = re.sub(r"(?s)Traceback \(most recent call last\).*?\n(?=\S)", "", without_advice)
    return textwrap.shorten(without_frames, 600, placeholder=" ...")


def swap(staging: Path, generated: Path) -> None:
    """Put the staged client in the place of the old one, or leave the old one where it is.

    A folder can't be replaced in one step everywhere, so there is a moment, two renames long, without a client.
    Raises OSError if the staged one can't be moved.
    """
    new, old, replaced = staging / PACKAGE, generated / PACKAGE, staging / "replaced"
    if old.exists():
        old.rename(replaced)
    try:
        new.rename(old)
    except BaseException:
        if replaced.exists():
            replaced.rename(old)
        raise
    # The list comes last, so that an interruption before it leaves one that does not hold.
    for name in (FILE, HOOK, *COPIES, RECORD):
        (staging / name).replace(generated / name)


def _record(workspace: Workspace, mends: Iterable[Mend], tree: dict[str, bytes]) -> bytes:
    """List the inputs of the client, and the client itself as it is found in ``tree``, one a line."""
    edits = repr([mend.edits for mend in mends]).encode()
    client = repr(sorted((name, content) for name, content in tree.items() if name != RECORD)).encode()
    lines = {
        workspace.contract.name: _digest(_read(workspace.contract)),
        workspace.config.name: _digest(_read(workspace.config)),
        workspace.project.name: _digest(repr(read_shared(workspace.project)).encode()),
        **{source: _digest(_read(workspace.root / source)) for source in COPIES.values()},
        "mends": _digest(edits),
        "scripts/mending.py": _digest(Path(mending.__file__).read_bytes()),
        "scripts/generate_client.py": _digest(Path(__file__).read_bytes()),
        "scripts/client_project.py": _digest(Path(client_project.__file__).read_bytes()),
        GENERATOR: version(GENERATOR),
        "ruff": version("ruff"),
        "generated/": _digest(client),
    }
    return "".join(f"{name} {value}\n" for name, value in lines.items()).encode()


def _read(path: Path) -> bytes:
    if not path.is_file():
        message = f"{path} is missing"
        raise GenerationError(message)
    return path.read_bytes()


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _tree(folder: Path) -> dict[str, bytes]:
    """Read every file below the folder, except what Python and other runs of this program leave there."""
    parts = [path for path in folder.glob("*") if not path.name.startswith(_STAGING)]
    files = (path for part in parts for path in (part, *part.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files if path.suffix != ".pyc"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; the result is the exit status."""
    parser = argparse.ArgumentParser(prog="generate_client", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 if the client is out of date")
    parser.add_argument("--root", type=Path, default=Path(__file__).parents[1], help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    workspace = Workspace(options.root)
    try:
        return _check(workspace) if options.check else _update(workspace)
    except (GenerationError, MendError, ProjectError, OSError, PackageNotFoundError) as error:
        sys.stderr.write(f"generate_client: {error}\n")
        return 2


def _check(workspace: Workspace) -> int:
    names = drift(workspace)
    if names:
        sys.stderr.write(f"generate_client: generated/ is out of date, run `make client`: {', '.join(names)}\n")
        return 1
    sys.stdout.write("generated/ is what openapi.yaml gives\n")
    return 0


def _update(workspace: Workspace) -> int:
    done = update(workspace)
    sys.stdout.write(f"generated/ {'was made anew' if done else 'is up to date'}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

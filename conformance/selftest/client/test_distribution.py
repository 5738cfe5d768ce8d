"""The client as it is installed: in an environment of its own, away from the project, with nothing of the suite.

The environment gets the wheel, built here, and beside it nothing but what the client requires, lent by the environment
of the tests.
"""

import json
import subprocess
import sys
import tarfile
import venv
from collections.abc import Iterable
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from zipfile import ZipFile

import pytest
from attrs import frozen

from conformance.selftest.client.test_packaging import CLIENT, ROOT, all_required, metadata, project
from scripts.client_project import COPIES, HELPERS

PACKAGE = "openai_images_client"
PACKAGES = {PACKAGE: CLIENT / PACKAGE, HELPERS: ROOT / "client" / HELPERS}
PROGRAM = """
import sys
from importlib.metadata import version

import httpx
from openai_images_client import AuthenticatedClient
from openai_images_client.api.images import create_image
from openai_images_client.models import CreateImageRequest
from openai_images_helpers import images_of, retrying

transport = httpx.MockTransport(lambda _: httpx.Response(200, json={"created": 1, "data": []}))
client = AuthenticatedClient(base_url="http://server.test/v1", token="sk-any", httpx_args={"transport": transport})
answer = create_image.sync_detailed(client=client, body=CreateImageRequest(prompt="A sea otter"))
assert images_of(answer, client).created == 1
try:
    retrying()
except ImportError as error:
    print(error)
foreign = {"conformance", "scripts"} & {name.partition(".")[0] for name in sys.modules}
print(version("openai-images-client"), foreign or "alone")
for name in ("openai_images_client", "openai_images_helpers"):
    print(sys.modules[name].__file__)
"""
MISTYPED = """
from openai_images_client.models import CreateImageRequest
from openai_images_helpers import save

CreateImageRequest(prompt="A sea otter", size="1x1")
save("otter.png")
"""


@frozen
class Installed:
    """The environment: the wheel, and a place to run programs from."""

    wheel: Path
    folder: Path

    def run(self, *arguments: str) -> str:
        """Run Python there and return what it prints, whatever its exit status is."""
        python = self.folder / "bin" / "python"
        done = subprocess.run(  # noqa: S603 - our own words
            [python, "-I", *arguments], cwd=self.folder, capture_output=True, text=True, check=False
        )
        return done.stdout + done.stderr


def build(target: str, folder: Path, source: Path = CLIENT) -> Path:
    """Build a distribution of the client."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", target, "--directory", str(folder)]
    subprocess.run(command, cwd=source, check=True, capture_output=True)  # noqa: S603 - this very interpreter
    (path,) = folder.iterdir()
    return path


def lend(names: Iterable[str], site: Path) -> None:
    """Link what distributions of this environment installed into another one."""
    for name in names:
        with suppress(PackageNotFoundError):  # for another platform, or for an older Python
            found = distribution(name)
            for top in {file.parts[0] for file in found.files or []} - {"..", "__pycache__"}:
                (site / top).symlink_to(str(found.locate_file(top)))


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = tmp_path_factory.mktemp("away")
    wheel = build("wheel", folder / "dist")
    venv.create(folder, symlinks=True)
    (site,) = folder.glob("lib/python*/site-packages")
    with ZipFile(wheel) as archive:
        archive.extractall(site)  # noqa: S202 - built a moment ago
    lend(all_required("attrs", set()) | all_required("httpx", set()), site)
    return Installed(wheel, folder)


def contents(wheel: Path) -> dict[str, bytes]:
    with ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_wheel_holds_the_client_and_its_helpers_alone(installed: Installed) -> None:
    files = contents(installed.wheel)
    kept = {
        (Path(name) / path.relative_to(folder)).as_posix(): path.read_bytes()
        for name, folder in PACKAGES.items()
        for path in folder.rglob("*")
        if path.suffix == ".py" or path.name == "py.typed"
    }
    assert {name: content for name, content in files.items() if ".dist-info/" not in name} == kept
    assert {f"{name}/py.typed" for name in PACKAGES} < kept.keys()


def test_metadata_say_what_it_is_and_needs(installed: Installed) -> None:
    files = contents(installed.wheel)
    lines = metadata(files)
    required = {line.removeprefix("Requires-Dist: ") for line in lines if line.startswith("Requires-Dist")}
    told = project(CLIENT)
    extras = {f"{of[0]}; extra == '{extra}'" for extra, of in told["optional-dependencies"].items()}
    assert required == {*told["dependencies"], *extras}
    assert set(told["optional-dependencies"]) == {"aiohttp", "retries"}
    assert {"License-Expression: MIT", "License-File: LICENSE", "Classifier: Typing :: Typed"} < set(lines)
    (licence,) = (content for name, content in files.items() if name.endswith("/licenses/LICENSE"))
    assert licence == (ROOT / "LICENSE").read_bytes()
    assert "\n".join(lines).endswith((ROOT / COPIES["README.md"]).read_text(encoding="utf-8").rstrip("\n"))


def test_source_distribution_gives_the_same_wheel(installed: Installed, tmp_path: Path) -> None:
    with tarfile.open(build("sdist", tmp_path / "sdist")) as archive:
        archive.extractall(tmp_path / "unpacked", filter="data")
    (source,) = (tmp_path / "unpacked").iterdir()
    assert build("wheel", tmp_path / "dist", source).read_bytes() == installed.wheel.read_bytes()


def test_it_works_away_from_the_project_without_extras(installed: Installed) -> None:
    sentence, version, *paths = installed.run("-c", PROGRAM).splitlines()
    assert sentence == "retrying() needs an extra: pip install 'openai-images-client[retries]'"
    assert version == f"{project(CLIENT)['version']} alone"
    assert [Path(path).is_relative_to(installed.folder) for path in paths] == [True, True]


def test_type_checkers_see_its_types(installed: Installed) -> None:
    (installed.folder / "mistyped.py").write_text(MISTYPED, encoding="utf-8")
    (installed.folder / "program.py").write_text(PROGRAM, encoding="utf-8")
    python = installed.folder / "bin" / "python"
    # What the client imports is as it is; to look into it takes most of the time.
    (installed.folder / "mypy.ini").write_text("[mypy]\nstrict = true\n[mypy-httpx.*]\nfollow_imports = skip\n")
    command = [sys.executable, "-m", "mypy", "--output", "json", "--python-executable", str(python)]
    command += ["--cache-dir", str(installed.folder / "cache"), "mistyped.py", "program.py"]
    done = subprocess.run(command, cwd=installed.folder, capture_output=True, text=True, check=False)  # noqa: S603
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(error["file"], error["line"], error["code"]) for error in found] == [
        ("mistyped.py", 5, "arg-type"),
        ("mistyped.py", 6, "call-arg"),
        ("mistyped.py", 6, "arg-type"),
    ], done

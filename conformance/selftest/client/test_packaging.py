"""Two distributions: whoever installs the client gets attrs and httpx, whoever installs the suite gets no generator."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from scripts import generate_client

ROOT = Path(generate_client.__file__).parents[1]
CLIENT = ROOT / "generated"
GENERATOR = "openapi-python-client"
LEFT_OUT = {"selftest", "mutants"}
SHIPPED = [path for path in (ROOT / "conformance").rglob("*.py") if not LEFT_OUT & {*path.parts}]


def project(folder: Path) -> dict[str, Any]:
    return tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def names(requirements: list[str]) -> set[str]:
    """Name what is required, in the normal form of names."""
    found = (re.match(r"[\w.-]+", requirement) for requirement in requirements)
    return {re.sub(r"[-_.]+", "-", match[0]).lower() for match in found if match}


def imported(path: Path) -> Iterator[str]:
    """Name the top-level modules that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield str(node.module).partition(".")[0]


def all_required(name: str, seen: set[str]) -> set[str]:
    """Name everything that may be installed with a distribution, itself included."""
    if name not in seen:
        seen.add(name)
        try:
            found = [line for line in requires(name) or [] if "extra ==" not in line]
        except PackageNotFoundError:
            return seen  # for another platform, or for an older Python
        for required in names(found):
            all_required(required, seen)
    return seen


def wheel(folder: Path, target: Path) -> dict[str, bytes]:
    """Build the wheel of a distribution and read its files."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(target)]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)  # noqa: S603 - this very interpreter
    (path,) = target.glob("*.whl")
    with ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def metadata(files: dict[str, bytes]) -> list[str]:
    (content,) = (content for name, content in files.items() if name.endswith(".dist-info/METADATA"))
    return content.decode().splitlines()


def test_client_needs_attrs_and_httpx_alone() -> None:
    assert names(project(CLIENT)["dependencies"]) == {"attrs", "httpx"}
    modules = {name for path in (CLIENT / "openai_images_client").rglob("*.py") for name in imported(path)}
    assert modules - sys.stdlib_module_names == {"attrs", "httpx"}


def test_client_shares_version_and_bounds_with_the_suite() -> None:
    client, suite = project(CLIENT), project(ROOT)
    assert set(client["dependencies"]) < set(suite["dependencies"])
    for key in ("version", "license", "requires-python"):
        assert client[key] == suite[key]


@pytest.mark.parametrize("folder", [CLIENT, ROOT], ids=["client", "suite"])
def test_every_dependency_has_its_reason_beside_it(folder: Path) -> None:
    lines = (folder / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    for dependency in project(folder)["dependencies"]:
        (line,) = (line for line in lines if re.match(rf'\s*"{re.escape(dependency)}"', line))
        assert re.search(r", +# \S+ \S+", line), line


def test_suite_needs_neither_the_generator_nor_the_client() -> None:
    found = all_required("openai-images-conformance", set())
    assert {"httpx", "attrs", "schemathesis", "pytest"} < found
    assert not found & {GENERATOR, "openai-images-client"}


def test_no_shipped_module_imports_the_generator_or_the_client() -> None:
    absent = {"openapi_python_client", "openai_images_client", "scripts"}
    assert {path: found for path in SHIPPED if (found := absent & set(imported(path)))} == {}
    modules = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in SHIPPED]
    program = (
        "import importlib, sys\n"
        f"for name in {sorted(name.removesuffix('.__init__') for name in modules)!r}: importlib.import_module(name)\n"
        f"print(*{absent!r} & set(sys.modules))"
    )
    result = subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False, capture_output=True, text=True)  # noqa: S603 - this very interpreter
    assert (result.stdout, result.stderr) == ("\n", "")


def test_wheel_of_the_suite_holds_what_is_shipped_and_nothing_else(tmp_path: Path) -> None:
    files = wheel(ROOT, tmp_path)
    tops = {name.split("/")[0] for name in files}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"conformance"}
    modules = {name for name in files if name.endswith(".py")}
    assert modules == {path.relative_to(ROOT).as_posix() for path in SHIPPED}
    assert "conformance/py.typed" in files
    assert files["conformance/openapi.yaml"] == (ROOT / "openapi.yaml").read_bytes()
    assert "conformance/suite/report/templates/report.html.j2" in files
    site = {path.relative_to(ROOT).as_posix() for path in (ROOT / "conformance/mock/site").iterdir()}
    assert {"conformance/mock/site/docs.js", "conformance/mock/site/index.html"} < site <= files.keys()
    assert not any(GENERATOR in line for line in metadata(files) if line.startswith("Requires-Dist"))
    assert "Classifier: Typing :: Typed" in metadata(files)
    scripts = next(content for name, content in files.items() if name.endswith(".dist-info/entry_points.txt"))
    assert {"images-conformance", "images-mock"} <= set(re.findall(r"^[\w-]+(?= =)", scripts.decode(), re.MULTILINE))
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in files)

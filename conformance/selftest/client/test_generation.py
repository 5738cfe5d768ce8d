"""The program that generates the client: it gives the same bytes every time, and a failure changes nothing."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from shutil import copyfile, copytree, ignore_patterns, rmtree

import pytest

from scripts import generate_client
from scripts.client_mends import MENDS
from scripts.client_project import COPIES
from scripts.generate_client import GenerationError, Workspace, drift, main, swap, update
from scripts.mending import Edit, Mend, MendError, mended

ROOT = Path(generate_client.__file__).parents[1]
REPOSITORY = Workspace(ROOT)
STALE = Mend("stale", "for the test", "none known", [Edit("client.py.jinja", "no such text", "x")])


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Make a workspace with the inputs of the repository and its client."""
    workspace = Workspace(tmp_path)
    copyfile(REPOSITORY.contract, workspace.contract)
    copyfile(REPOSITORY.config, workspace.config)
    copyfile(REPOSITORY.project, workspace.project)
    for source in COPIES.values():
        (workspace.root / source).parent.mkdir(exist_ok=True)
        copyfile(REPOSITORY.root / source, workspace.root / source)
    copytree(REPOSITORY.generated, workspace.generated, ignore=ignore_patterns("__pycache__", ".staging-*"))
    return workspace


@pytest.fixture
def no_generator(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make each run of the generator an error."""

    def run(*_: object, **__: object) -> None:
        pytest.fail("the generator was run")

    monkeypatch.setattr(subprocess, "run", run)


def _files(workspace: Workspace) -> dict[str, bytes]:
    """Read everything below the workspace, to see that nothing changed and nothing was left behind."""
    return {str(path): path.read_bytes() for path in workspace.root.rglob("*") if path.is_file()}


def _templates() -> Path:
    import openapi_python_client  # noqa: PLC0415 - slow, and needed by few tests

    return Path(openapi_python_client.__file__).parent / "templates"


def test_client_of_the_repository_is_what_the_contract_gives(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--check", "--root", str(workspace.root)]) == 0
    assert capsys.readouterr().out == "generated/ is what openapi.yaml gives\n"


def test_every_generation_gives_the_same_bytes(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    before = _files(workspace)
    rmtree(workspace.generated)
    monkeypatch.setenv("PYTHONHASHSEED", "1")
    assert update(workspace)
    assert _files(workspace) == before


@pytest.mark.usefixtures("no_generator")
def test_unchanged_inputs_do_nothing(workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    before = _files(workspace)
    assert not update(workspace)
    assert main(["--root", str(workspace.root)]) == 0
    assert capsys.readouterr().out == "generated/ is up to date\n"
    assert _files(workspace) == before


def test_changed_input_makes_the_client_anew(workspace: Workspace) -> None:
    text = workspace.contract.read_text(encoding="utf-8")
    workspace.contract.write_text(text.replace("What is wrong, for a person.", "Words."), encoding="utf-8")
    assert update(workspace)
    package = workspace.generated / "openai_images_client"
    assert "Words." in (package / "models" / "error.py").read_text(encoding="utf-8")
    assert (package / "py.typed").is_file()
    made = {"openai_images_client", "pyproject.toml", "hatch_build.py", "LICENSE", "README.md", "made-from.txt"}
    assert {path.name for path in workspace.generated.iterdir()} == made
    assert not update(workspace)


def test_another_version_of_the_project_is_one_of_the_client(workspace: Workspace) -> None:
    text = workspace.project.read_text(encoding="utf-8")
    workspace.project.write_text(text.replace('version = "', 'version = "9.', 1), encoding="utf-8")
    assert drift(workspace) == ["made-from.txt (differs)", "pyproject.toml (differs)"]
    assert update(workspace)
    assert 'version = "9.' in (workspace.generated / "pyproject.toml").read_text(encoding="utf-8")


def test_licence_and_page_of_the_client_are_copies(workspace: Workspace) -> None:
    for source in COPIES.values():
        with (workspace.root / source).open("a", encoding="utf-8") as file:
            file.write("More words.\n")
    assert drift(workspace) == ["LICENSE (differs)", "README.md (differs)", "made-from.txt (differs)"]


@pytest.mark.usefixtures("no_generator")
def test_what_the_client_does_not_share_does_not_concern_it(workspace: Workspace) -> None:
    with workspace.project.open("a", encoding="utf-8") as project:
        project.write("[tool.other]\n")
    assert not update(workspace)


def test_edited_client_is_found_and_made_anew(workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    package = workspace.generated / "openai_images_client"
    edited, missing, foreign = package / "types.py", package / "errors.py", package / "foreign.py"
    content = edited.read_bytes()
    edited.write_bytes(content.replace(b"U", b"V", 1))
    missing.unlink()
    foreign.touch()
    assert main(["--check", "--root", str(workspace.root)]) == 1
    assert capsys.readouterr().err == (
        "generate_client: generated/ is out of date, run `make client`: openai_images_client/errors.py (missing), "
        "openai_images_client/foreign.py (not generated), openai_images_client/types.py (differs)\n"
    )
    assert update(workspace)
    assert edited.read_bytes() == content
    assert missing.exists()
    assert not foreign.exists()


@pytest.mark.usefixtures("no_generator")
@pytest.mark.parametrize("job", [update, drift])
def test_mend_that_does_not_apply_fails(workspace: Workspace, job: Callable[[Workspace, list[Mend]], object]) -> None:
    before = _files(workspace)
    with pytest.raises(MendError, match=r"^the mend 'stale' no longer applies: client\.py\.jinja holds .* 0 times"):
        job(workspace, [*MENDS, STALE])
    assert _files(workspace) == before


def _break_contract(workspace: Workspace) -> None:
    """Write something that the generator only warns of."""
    text = workspace.contract.read_text(encoding="utf-8")
    workspace.contract.write_text(text.replace("application/json:", "application/unknown:", 1), encoding="utf-8")


def _empty_contract(workspace: Workspace) -> None:
    workspace.contract.write_text("", encoding="utf-8")


def _break_hook(workspace: Workspace) -> None:
    text = workspace.config.read_text(encoding="utf-8")
    workspace.config.write_text(text.replace("ruff format", "ruff no-such-command"), encoding="utf-8")


def _remove_config(workspace: Workspace) -> None:
    workspace.config.unlink()


def _remove_httpx(workspace: Workspace) -> None:
    text = workspace.project.read_text(encoding="utf-8")
    workspace.project.write_text(text.replace('"httpx>=', '"httpx=='), encoding="utf-8")


def _remove_extra(workspace: Workspace) -> None:
    text = workspace.project.read_text(encoding="utf-8")
    workspace.project.write_text(text.replace('"httpx-retries>=', '"httpx-retries=='), encoding="utf-8")


def _remove_page(workspace: Workspace) -> None:
    (workspace.root / COPIES["README.md"]).unlink()


def _break_project(workspace: Workspace) -> None:
    workspace.project.write_text("[project", encoding="utf-8")


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (_break_contract, "Unsupported content type application/unknown"),
        (_empty_contract, "Input should be a valid dictionary"),
        (_break_hook, "no-such-command"),
        (_remove_config, "generator-config.yml is missing"),
        (_remove_httpx, "pyproject.toml can't be read, or lacks 'a dependency httpx>=...'"),
        (_remove_extra, "pyproject.toml can't be read, or lacks 'a dependency httpx-retries>=...'"),
        (_remove_page, "README.md is missing"),
        (_break_project, "pyproject.toml can't be read"),
    ],
)
def test_failure_is_one_sentence_and_changes_nothing(
    workspace: Workspace, damage: Callable[[Workspace], None], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    damage(workspace)
    before = _files(workspace)
    assert main(["--root", str(workspace.root)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("generate_client: ")
    assert words in line
    assert _files(workspace) == before


def test_failed_swap_leaves_the_old_client(workspace: Workspace, tmp_path: Path) -> None:
    staging = tmp_path / "empty"
    staging.mkdir()
    before = _files(workspace)
    with pytest.raises(OSError, match="openai_images_client"):
        swap(staging, workspace.generated)
    assert _files(workspace) == before


def test_missing_generator(monkeypatch: pytest.MonkeyPatch, workspace: Workspace) -> None:
    def nothing(_name: str) -> None:
        return None

    monkeypatch.setattr(generate_client, "find_spec", nothing)
    with pytest.raises(GenerationError, match="openapi-python-client is not installed"):
        drift(workspace)


@pytest.mark.parametrize("mend", MENDS, ids=lambda mend: mend.name)
def test_each_mend_applies_without_the_others(mend: Mend) -> None:
    texts = mended(_templates(), [mend])
    assert texts.keys() == {edit.template for edit in mend.edits}


def test_mends_have_a_name_of_their_own_and_a_reason() -> None:
    assert len({mend.name for mend in MENDS}) == len(MENDS)
    assert all(mend.reason.endswith(".") and mend.upstream for mend in MENDS)


def test_mend_of_a_template_that_is_gone() -> None:
    gone = Mend("gone", "for the test", "none known", [Edit("no.jinja", "a", "b")])
    with pytest.raises(MendError, match=r"^the mend 'gone' no longer applies: .* has no template no\.jinja$"):
        mended(_templates(), [gone])

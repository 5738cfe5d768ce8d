"""The pytest plugin in a maintainer's own project: one item for each rule, one run before the first."""

import os
import re
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import pytest

from conformance.selftest.suite.loopback import Received, Reply, Server, serving

PLUGIN = ("-m", "pytest", "-p", "conformance.pytest_plugin", "-p", "no:cacheprovider")
OWN = """
def test_of_their_own():
    assert True
"""
ONLY = "--only createImage/accepted,createImage/prompt/*,createImage/path --examples 0 --out report"


def run(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run pytest in a folder of its own, as the tests of a server would be."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OPENAI_", "IMAGES_", "PYTEST_"))}
    paths = os.pathsep.join(path for path in sys.path if path)
    return subprocess.run(  # noqa: S603 - a fixed command
        [sys.executable, *PLUGIN, *arguments],
        cwd=folder,
        env={**kept, "PYTHONPATH": paths, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def refuse(_: Received) -> Reply:
    return Reply(400, b'{"error": {"message": "No."}}')


@pytest.fixture(scope="module")
def refusing() -> Generator[Server]:
    """Serve on loopback until the module is done."""
    with serving(refuse) as server:
        yield server


def counts(made: subprocess.CompletedProcess[str]) -> dict[str, int]:
    return {word: int(number) for number, word in re.findall(r"(\d+) (passed|failed|skipped|error)", made.stdout)}


def test_items_of_the_rules_stand_beside_the_tests_of_the_project(refusing: Server, tmp_path: Path) -> None:
    (tmp_path / "test_own.py").write_text(OWN, encoding="utf-8")
    made = run(tmp_path, "-rA", "--images-url", refusing.url, "--images-options", ONLY)
    assert made.returncode == 1
    # Their own test passes; that no request is accepted fails, and leaves all else unclear.
    assert (counts(made)["passed"], counts(made)["failed"]) == (1, 1)
    assert "FAILED createImage::createImage/accepted" in made.stdout
    assert (tmp_path / "report" / "report.json").exists()


def test_a_failure_shows_its_finding_and_what_the_contract_asks_for(refusing: Server, tmp_path: Path) -> None:
    made = run(tmp_path, "-rfs", "--durations=1", "--images-url", refusing.url, "--images-options", ONLY)
    assert "a valid request is accepted" in made.stdout
    assert "contract: line " in made.stdout
    assert re.search(r"FAILED createImage::createImage/accepted - \S+", made.stdout)
    assert re.search(r"SKIPPED \[\d+\] contract:\d+: blocked: could not find out", made.stdout)
    assert "items.py" not in made.stdout


def test_a_rule_that_the_project_skips_says_why_itself(refusing: Server, tmp_path: Path) -> None:
    skips = "import pytest\n\n@pytest.hookimpl(trylast=True)\ndef pytest_collection_modifyitems(items):\n"
    skips += "    for item in items:\n        item.add_marker(pytest.mark.skip(reason='not today'))\n"
    (tmp_path / "conftest.py").write_text(skips, encoding="utf-8")
    made = run(tmp_path, "-rs", "--images-url", refusing.url, "--images-options", ONLY)
    assert set(counts(made)) == {"skipped"}
    assert "not today" in made.stdout
    assert "advice: " not in made.stdout


def test_the_rules_alone_need_no_test_file(refusing: Server, tmp_path: Path) -> None:
    made = run(tmp_path, "--images-url", refusing.url, "--images-options", ONLY)
    assert sum(counts(made).values()) > 3


def test_collecting_sends_nothing(tmp_path: Path) -> None:
    with serving() as server:
        made = run(tmp_path, "--collect-only", "-q", "--images-url", server.url, "--images-options", ONLY)
        assert made.returncode == 0
        assert server.received == []
    assert "createImage::createImage/prompt/required" in made.stdout


def test_the_run_is_made_once(tmp_path: Path) -> None:
    with serving(refuse) as server:
        run(tmp_path, "--images-url", server.url, "--images-options", ONLY)
        whole = len(server.received)
        server.received.clear()
        run(tmp_path, "-k", "path", "--images-url", server.url, "--images-options", ONLY)
        assert 0 < len(server.received) == whole


def test_without_a_url_nothing_is_added(tmp_path: Path) -> None:
    (tmp_path / "test_own.py").write_text(OWN, encoding="utf-8")
    made = run(tmp_path)
    assert (made.returncode, counts(made)) == (0, {"passed": 1})


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--images-url", "nonsense"), "is not a base URL"),
        (("--images-url", ""), "the URL is empty"),
        (("--images-url", "http://127.0.0.1:9/v1"), "no connection to http://127.0.0.1:9/v1"),
        (("--images-url", "http://127.0.0.1:9/v1", "--images-options", "--only nothing/*"), "no rule matches"),
        (("--images-url", "http://127.0.0.1:9/v1", "--images-options=--frobnicate"), "--frobnicate"),
        (("--images-url", "http://127.0.0.1:9/v1", "-n", "2"), "can't be spread over processes"),
    ],
)
def test_what_can_not_be_run_is_told_in_one_sentence(arguments: tuple[str, ...], words: str, tmp_path: Path) -> None:
    # Other plugins of pytest are loaded only for the case that needs one, because they take a second.
    alone = {} if "-n" in arguments else {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    made = run(tmp_path, *arguments, **alone)
    assert made.returncode not in (0, 1)
    assert words in made.stdout + made.stderr
    assert "Traceback" not in made.stdout + made.stderr
    assert "INTERNALERROR" not in made.stdout + made.stderr


def test_the_key_is_told_nowhere(refusing: Server, tmp_path: Path) -> None:
    key = "sk-plugin-0123456789"
    made = run(tmp_path, "-rA", "--images-url", refusing.url, "--images-options", ONLY, OPENAI_API_KEY=key)
    assert key not in made.stdout + made.stderr
    for path in (tmp_path / "report").rglob("*"):
        assert path.is_dir() or key.encode() not in path.read_bytes()

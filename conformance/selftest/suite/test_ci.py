"""The action for GitHub and the job for GitLab: their shell steps are run here as those services run them.

Nothing is installed: a program stands in the place of Python that puts this checkout where pip would. The Python of the
action is another one than the job's, which GitLab's job has.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from conformance import CONTRACT

ROOT = CONTRACT.parent
ACTION: Mapping[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
GITLAB: Mapping[str, Any] = yaml.safe_load((ROOT / "docs/gitlab-ci.yml").read_text(encoding="utf-8"))
STEPS: list[Mapping[str, Any]] = ACTION["runs"]["steps"]
JOB: Mapping[str, Any] = GITLAB["images-conformance"]
QUICK = "--only createImage/n/minimum\n--examples 0"
PYTHON = """#!/bin/bash
echo "$0 $*" >>{calls}
if [ "$2" = venv ]; then mkdir -p "$3/bin"; cp {bin}/* "$3/bin"; fi
"""
PROGRAM = "images-conformance"
INSTALLED = """#!/bin/bash
exec {python} -m conformance "$@"
"""

pytestmark = pytest.mark.skipif(not (shutil.which("bash") and shutil.which("curl")), reason="bash and curl are needed")


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """Make an empty workspace, with programs in front of the real ones; returns the environment of its steps."""
    (folder := tmp_path / "bin").mkdir()
    (own := tmp_path / "its own").mkdir()
    for path, text in ((folder / "python", PYTHON), (own / "python", PYTHON), (folder / PROGRAM, INSTALLED)):
        path.write_text(text.format(calls=tmp_path / "calls", bin=folder, python=sys.executable))
        path.chmod(0o755)
    (tmp_path / "work").mkdir()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OPENAI_", "IMAGES_"))}
    return {
        **kept,
        "PATH": f"{folder}:{kept['PATH']}",
        "PYTHONPATH": str(ROOT),
        "RUNNER_TEMP": str(tmp_path),
        "GITHUB_ACTION_PATH": str(ROOT),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
    }


def bash(script: str, env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a script as both services do, in the workspace."""
    return subprocess.run(  # noqa: S603 - the scripts of this project
        [shutil.which("bash") or "bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        cwd=Path(env["RUNNER_TEMP"]) / "work",
        env=env,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def github(env: Mapping[str, str], **inputs: str) -> list[subprocess.CompletedProcess[str]]:
    """Run the shell steps of the action with these inputs, up to the first that fails."""
    given = {
        f"inputs.{name}": inputs.get(name.replace("-", "_"), value.get("default", "")) for name, value in _inputs()
    }
    given["steps.python.outputs.python-path"] = str(Path(env["RUNNER_TEMP"]) / "its own" / "python")
    made: list[subprocess.CompletedProcess[str]] = []
    for step in STEPS:
        if "run" in step and not any(one.returncode for one in made):
            named = {
                name: re.sub(r"\$\{\{ ([\w.-]+) \}\}", lambda match: given[match[1]], text)
                for name, text in step["env"].items()
            }
            made.append(bash(step["run"], {**env, **named}))
    return made


def _inputs() -> Iterator[tuple[str, Mapping[str, str]]]:
    yield from ACTION["inputs"].items()


def gitlab(env: Mapping[str, str], *before: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the job for GitLab with these variables; it is one script, with what came before."""
    return bash("\n".join((*JOB["before_script"], *before, *JOB["script"])), {**env, **JOB["variables"], **variables})


def free() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def reference(port: int) -> str:
    return f"{sys.executable} -m conformance.reference --port {port}"


def ends(url: str) -> bool:
    """Whether a server that was told to end does so in time."""
    for _ in range(300):
        try:
            httpx.get(url)
        except httpx.TransportError:
            return True
        time.sleep(0.1)
    return False


def test_github_starts_the_server_checks_it_and_ends_it(env: dict[str, str], tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{(port := free())}/v1"
    (installed, checked) = github(env, url=url, command=reference(port), options=QUICK, images="9", out="a b")
    assert (installed.returncode, checked.returncode) == (0, 0), checked.stdout + checked.stderr
    assert {path.name for path in (tmp_path / "work").iterdir()} == {"a b"}
    assert "1 of 264 rules judged" in (tmp_path / "summary.md").read_text(encoding="utf-8")
    assert (tmp_path / "calls").read_text().splitlines()[1].endswith(f"--disable-pip-version-check {ROOT}")
    assert ends(url)


def test_gitlab_does_the_same(env: dict[str, str], tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{(port := free())}/v1"
    made = gitlab(env, URL=url, COMMAND=reference(port), OPTIONS=QUICK)
    assert made.returncode == 0, made.stdout + made.stderr
    assert {path.name for path in (tmp_path / "work").iterdir()} == {"report", "server.log"}
    assert JOB["artifacts"]["reports"]["junit"] == "report/junit.xml"
    assert (tmp_path / "work/report/junit.xml").exists()


def test_the_exit_code_is_kept_and_a_version_is_that_of_the_registry(env: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "bin" / PROGRAM).write_text("#!/bin/bash\nexit 7\n", encoding="utf-8")
    *_, made = github(env, url="http://127.0.0.1:9/v1", version="9.8.7")
    assert made.returncode == 7
    assert (tmp_path / "calls").read_text().splitlines()[1].endswith(" openai-images-conformance==9.8.7")


def test_a_server_that_ends_is_told_with_what_it_said(env: dict[str, str]) -> None:
    *_, made = github(env, url=f"http://127.0.0.1:{free()}/v1", command="echo no model; exit 3")
    assert made.returncode == 2
    assert made.stdout.splitlines()[-1] == "no model"


def test_a_wait_that_is_no_number_is_told(env: dict[str, str]) -> None:
    *_, made = github(env, url=(url := f"http://127.0.0.1:{free()}/v1"), command="sleep 60", wait="2m")
    assert (made.returncode, made.stdout) == (2, "::error::The input wait is not a number of whole seconds: 2m\n")
    made = gitlab(env, URL=url, COMMAND="sleep 60", WAIT="2m")
    assert (made.returncode, made.stdout) == (2, "WAIT is not a number of whole seconds: 2m\n")


def test_a_command_may_leave_its_server_running(env: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "bin" / PROGRAM).write_text("#!/bin/bash\n", encoding="utf-8")
    url = f"http://127.0.0.1:{(port := free())}"
    started = f"(sleep 0.8; exec {sys.executable} -m http.server {port}) &"
    *_, made = github(env, url=url, command=started)
    assert (made.returncode, made.stdout) == (0, "")
    assert ends(url)
    # What was installed before took its time, which is none of the server's.
    made = gitlab(env, "SECONDS=1000", URL=url, COMMAND=started)
    assert (made.returncode, made.stdout) == (0, "")
    assert ends(url)


def test_the_command_has_the_python_and_the_variables_of_the_job(env: dict[str, str], tmp_path: Path) -> None:
    (made, *_) = github(
        {**env, "MODEL": "of the job"}, model="checked", command='echo "$MODEL"; exit 1', url="http://x.test"
    )
    assert (tmp_path / "calls").read_text().startswith(str(tmp_path / "its own/python -m venv"))
    assert made.returncode == 0
    assert (tmp_path / "server.log").read_text() == "of the job\n"
    assert next(step for step in STEPS if step.get("id") == "python")["with"]["update-environment"] is False


def test_no_input_is_run(env: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "bin" / PROGRAM).write_text("#!/bin/bash\nprintf '%s\\n' \"$@\"\n", encoding="utf-8")
    odd = "$(touch ran) `touch ran`; touch ran * \"'"
    *_, made = github(env, url=odd, model=odd, images=odd, known=odd, options=odd, out=odd, version=odd)
    given = ["--out", odd, "--model", odd, "--images", odd, "--known", odd, *odd.split(), "--", odd]
    assert made.stdout.splitlines() == given
    assert list((tmp_path / "work").iterdir()) == []


def test_no_expression_stands_in_a_script_and_what_is_used_is_pinned() -> None:
    for step in STEPS:
        assert "${{" not in step.get("run", "")
        assert "run" in step or re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", step["uses"])

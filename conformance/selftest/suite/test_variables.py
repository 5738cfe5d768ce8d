"""What stands on make's command line: a near miss is an error, and nothing else is judged."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from conformance import CONTRACT
from conformance.suite import variables
from conformance.suite.options import parse
from conformance.suite.settings import UsageError

MAKEFILE = CONTRACT.parent / "Makefile"
EMPTY = "the URL is empty"


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        *((name, "URL") for name in ("url", "Url", "BASE_URL", "base_url", "BASEURL", "SERVER", "HOST", "API_URL")),
        ("model", "MODEL"),
        ("MODELs", "MODELS"),
        ("MODLE", "MODEL"),
        ("only", "ONLY"),
        ("OUTPUT", "OUT"),
        ("OUT_DIR", "OUT"),
        ("CONCURENCY", "CONCURRENCY"),
        ("API_KEY", "OPENAI_API_KEY"),
        ("openai_api_key", "OPENAI_API_KEY"),
        ("SEED", "OPTS='--seed ...'"),
        ("REQUESTS", "OPTS='--requests ...'"),
    ],
)
def test_a_near_miss_names_what_is_meant(name: str, meant: str) -> None:
    with pytest.raises(UsageError) as caught:
        variables.check(f"ONLY=a {name}=hunter2")
    assert str(caught.value) == f"make conformance takes {meant}, not {name}."


@pytest.mark.parametrize(
    "given",
    [
        "",
        " ".join(f"{name}=a" for name in variables.TAKEN),
        "V=1 CI=true VERBOSE=1 DEBUG=1 PYTHON=python3.12 PORT=1 OPENAI_API_KEY=a OPENAI_BASE_URL=b",
        # A value is no variable, whatever it looks like.
        "HEADERS=x:\\ url=a\\ host=b OPTS=--seed\\ 7",
    ],
)
def test_nothing_else_is_judged(given: str) -> None:
    variables.check(given)


def test_an_environment_is_nobodys_mistake() -> None:
    assert parse([], {"HOST": "a", "url": "b", "SERVER": "c"}).embedded


def made_by(folder: Path, *arguments: str, **environment: str) -> list[str]:
    """Run ``make conformance`` with a program in the place of Python, and return what the real one would say."""
    program = folder / "bin" / "python"
    program.parent.mkdir()
    program.write_text('#!/bin/sh\nprintf "%s\\n" "$IMAGES_MAKE_VARIABLES" "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    own = (*variables.TAKEN, "MAKEFLAGS", "MAKEOVERRIDES", "MFLAGS", variables.GIVEN)
    kept = {name: value for name, value in os.environ.items() if name not in own}
    made = subprocess.run(  # noqa: S603 - a fixed command
        [
            shutil.which("make") or "make",
            "-s",
            "-f",
            str(MAKEFILE),
            "-o",
            "setup",
            "conformance",
            f"BIN={program.parent}",
            *arguments,
        ],
        cwd=folder,
        env={**kept, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    given, *words = made.stdout.splitlines()
    try:
        options = parse(words[2:], {variables.GIVEN: given})
    except UsageError as error:
        return [str(error)]
    return ["embedded"] if options.embedded else [options.settings.target.url]


@pytest.mark.parametrize(
    ("arguments", "environment", "said"),
    [
        ([], {}, "embedded"),
        ([], {"HOST": "a", "url": "b"}, "embedded"),
        (["URL=http://a/v1"], {}, "http://a/v1"),
        ([], {"URL": "http://a/v1"}, "http://a/v1"),
        (["URL="], {}, EMPTY),
        ([], {"URL": ""}, EMPTY),
        ([], {"URL": " "}, EMPTY),
        (["URL="], {"URL": "http://a/v1"}, EMPTY),
        (["url=http://a/v1"], {}, "takes URL, not url."),
        (["URL=http://a/v1", "BASE_URL=http://b/v1"], {}, "takes URL, not BASE_URL."),
        (["URL=http://a/v1", "HEADERS=a: url=$$b 'c"], {}, "http://a/v1"),
    ],
)
def test_make_hands_over_what_it_was_given(
    arguments: list[str], environment: dict[str, str], said: str, tmp_path: Path
) -> None:
    assert said in made_by(tmp_path, *arguments, **environment)[0]

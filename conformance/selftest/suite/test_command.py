"""The command as a user runs it: exit codes, one sentence for each error, and no secret anywhere."""

import base64
import json
import os
import subprocess
import sys
import urllib.parse
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from conformance import CONTRACT
from conformance.__main__ import main
from conformance.selftest.suite.loopback import Received, Reply, serving

KEY = "sk-selftest/0123456789+abcdef"
ROUTE = "route secret & more"
QUICK = ("--examples", "0", "--only", "createImage/n/maximum")


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Run in an empty folder, without the settings of whoever runs the tests."""
    monkeypatch.chdir(tmp_path)
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "IMAGES_HEADERS", "IMAGES_MAKE_VARIABLES"):
        monkeypatch.delenv(name, raising=False)


def command(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own."""
    return subprocess.run(  # noqa: S603 - this very interpreter, and arguments of the tests
        [sys.executable, "-m", "conformance", *arguments],
        env={**os.environ, "PYTHONPATH": str(CONTRACT.parent), **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def refuse(_: Received) -> Reply:
    return Reply(401, b'{"error": {"message": "No."}}')


ERRORS: list[tuple[list[str], Mapping[str, str], str]] = [
    (["images.test/v1"], {}, "is not a base URL"),
    (["http://user:hunter2@images.test/v1"], {}, "user name or password"),
    (["http://127.0.0.1:9/v1"], {"IMAGES_HEADERS": "hunter2"}, "HEADERS must look like"),
    (["http://127.0.0.1:9/v1"], {"OPENAI_API_KEY": "hunter2 hunter2"}, "OPENAI_API_KEY holds characters"),
    ([""], {}, "the URL is empty"),
    ([], {"OPENAI_BASE_URL": ""}, "the URL is empty"),
    ([], {"IMAGES_MAKE_VARIABLES": "url=http://user:hunter2@images.test/v1"}, "takes URL, not url"),
    (["--models", "dall-e-2"], {}, "MODELS must look like"),
    (["--only", "no/such"], {}, "no rule matches 'no/such'"),
    (["--known", "no-such.toml"], {}, "can't be read"),
    (["--judge", "no-such.ndjson"], {}, "is not a recording"),
    (["--no-such"], {}, "--no-such"),
    (["--rules"], {"OPENAI_BASE_URL": "nowhere"}, "is not a base URL"),
    (["http://127.0.0.1:9/v1", *QUICK], {}, "no connection to http://127.0.0.1:9/v1"),
    (["http://127.0.0.1:9/v1", *QUICK], {"SSL_CERT_FILE": "/no/such"}, "the certificates that SSL_CERT_FILE"),
    (["--model", "\udcff"], {}, "holds bytes that are no UTF-8"),
    (["--known", "/dev/zero"], {}, "is larger than"),
]


@pytest.mark.parametrize(("arguments", "given", "message"), ERRORS)
def test_an_error_is_one_sentence(
    arguments: list[str],
    given: Mapping[str, str],
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    assert main(arguments) == 2
    captured = capsys.readouterr()
    (line,) = [line for line in captured.err.splitlines() if not line.startswith("checking http://127.0.0.1:9/v1: ")]
    assert line.startswith("images-conformance: ")
    assert message in line
    assert "hunter2" not in captured.out + captured.err


@pytest.mark.parametrize(
    "text", [f"known = {'[' * 20_000}", f"known = {'9' * 5000}", "known = 1", "[[known]]\nrule = 1"]
)
def test_a_file_of_known_failures_that_is_none_is_told(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("known.toml").write_text(text, encoding="utf-8")
    assert main(["--known", "known.toml"]) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith("images-conformance: known.toml must hold [[known]] tables")
    assert len(captured.err.splitlines()) == 1


def test_a_folder_in_the_place_of_a_report_is_told_before_anything_is_sent(capsys: pytest.CaptureFixture[str]) -> None:
    Path("report/junit.xml").mkdir(parents=True)
    with serving() as server:
        assert main([server.url, *QUICK]) == 2
        assert server.received == []
    assert "report/junit.xml can't be replaced" in capsys.readouterr().err


def test_an_earlier_report_is_not_taken_for_that_of_a_run_that_could_not_be_made() -> None:
    views = [Path("report") / name for name in ("report.json", "report.html", "badge.svg", "junit.xml")]
    kept = Path("report/recording.ndjson")
    kept.parent.mkdir()
    for path in (*views, kept):
        path.write_text("earlier", encoding="utf-8")
    assert main(["http://127.0.0.1:9/v1", "--images", "nonsense"]) == 2
    assert all(path.exists() for path in views)
    assert main(["http://127.0.0.1:9/v1", *QUICK]) == 2
    assert not any(path.exists() for path in views)


def test_a_recording_of_operations_that_there_are_not_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*QUICK]) == 0
    path = Path("report/recording.ndjson")
    path.write_text(path.read_text(encoding="utf-8").replace('"createImage"', '"createOtter"'), encoding="utf-8")
    capsys.readouterr()
    assert main(["--judge", str(path), *QUICK]) == 2
    assert "operations that the contract doesn't have" in capsys.readouterr().err


@pytest.mark.parametrize(("key", "message"), [("", "set OPENAI_API_KEY"), (KEY, "refuses the key in OPENAI_API_KEY")])
def test_a_server_that_refuses_every_key(
    key: str, message: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", key)
    with serving(refuse) as server:
        assert main([server.url, *QUICK]) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert KEY not in captured.out + captured.err


@pytest.mark.parametrize(
    ("option", "shown"), [("--plan", "A correct server gets"), ("--rules", "createImage/n/maximum")]
)
def test_looking_sends_nothing(option: str, shown: str, capsys: pytest.CaptureFixture[str]) -> None:
    with serving() as server:
        assert main([server.url, option, "--only", "createImage/n/*"]) == 0
    assert server.received == []
    assert shown in capsys.readouterr().out
    assert list(Path.cwd().iterdir()) == []


def test_a_known_failure_that_names_no_rule_is_told_before_anything_is_sent(capsys: pytest.CaptureFixture[str]) -> None:
    Path("known.toml").write_text('[[known]]\nrule = "createImage/n/maxmum"\nreason = "a"\n', encoding="utf-8")
    with serving() as server:
        assert main([server.url, "--known", "known.toml", *QUICK]) == 2
    assert server.received == []
    assert "did you mean createImage/n/maximum" in capsys.readouterr().err
    assert not Path("report").exists()


def test_an_interruption_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("conformance.suite.run.prepare", interrupt)
    assert main(["--rules"]) == 2
    assert "interrupted" in capsys.readouterr().err


def test_a_fault_of_ours_is_told_as_such(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def crash(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("conformance.suite.run.prepare", crash)
    assert main(["--rules"]) == 2
    assert "please report this" in capsys.readouterr().err


def test_a_fault_of_ours_shows_no_secret(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def crash(*_: object) -> None:
        raise ZeroDivisionError(f"what was sent: {KEY}")

    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setattr("conformance.suite.run.prepare", crash)
    assert main(["http://127.0.0.1:9/v1"]) == 2
    assert "what was sent: REDACTED" in capsys.readouterr().err


def test_without_a_url_the_embedded_server_is_started_and_stopped(capsys: pytest.CaptureFixture[str]) -> None:
    mark = uuid.uuid4().hex
    made = command(*QUICK, IMAGES_SELFTEST=mark)
    closing = " ".join(made.stdout.rpartition("\nCONFORMANT as far as judged, ")[2].split())
    assert (made.returncode, "rules judged (EMBEDDED REFERENCE SERVER): 0 core or strict" in closing) == (0, True)
    told = "checking the EMBEDDED REFERENCE SERVER (give a URL to check another one): 1 rule, "
    assert made.stderr == f"{told}up to 2 requests for 1 image if all is well, with a key; report in report/\n"
    assert "EMBEDDED REFERENCE SERVER" in Path("report/report.html").read_text(encoding="utf-8")
    assert "embedded: " in Path("report/badge.svg").read_text(encoding="utf-8")
    assert [path for path in Path("/proc").glob("[0-9]*/environ") if mark.encode() in read(path)] == []
    record = Path("report/recording.ndjson")
    before: Any = json.loads(Path("report/report.json").read_bytes())
    assert main(["--judge", str(record), "--out", "again", *QUICK]) == 0
    again: Any = json.loads(Path("again/report.json").read_bytes())
    assert again["verdicts"] == before["verdicts"]
    assert before["target"]["embedded"] is True
    for name in ("target", "date", "server", "contract", "seed", "options"):
        assert again[name] == before[name]
    first, rest = record.read_text(encoding="utf-8").split("\n", 1)
    header: Any = json.loads(first)
    header["header"]["contract_sha256"] = "0" * 64
    record.write_text(json.dumps(header) + "\n" + rest, encoding="utf-8")
    assert main(["--judge", str(record), *QUICK]) == 2
    assert "another contract" in capsys.readouterr().err


def read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


@pytest.mark.parametrize("name", ["recording.ndjson", "report.json.new", "junit.xml", "report.html", "badge.svg"])
def test_a_full_disk_is_told_in_one_sentence(name: str) -> None:
    Path("report").mkdir()
    Path("report", name).symlink_to("/dev/full")
    with serving() as server:
        made = command(server.url, *QUICK)
    assert (made.returncode, "CONFORMANT" in made.stdout) == (2, False)
    _, line = made.stderr.strip().splitlines()
    assert line.startswith("images-conformance: ")
    assert "No space left on device" in line


@pytest.mark.parametrize("asked", ["--rules", "--plan"])
def test_a_list_that_nobody_can_print_is_told_in_one_sentence(asked: str) -> None:
    with open("/dev/full", "wb") as full:  # noqa: PTH123 - no file
        made = subprocess.run(  # noqa: S603 - this very interpreter
            [sys.executable, "-m", "conformance", asked], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    sentence = "images-conformance: what was asked for can't be printed: No space left on device.\n"
    assert (made.returncode, made.stderr) == (2, sentence)


def hostile(received: Received) -> Reply:
    """Repeat the secrets and send control characters, in refusals as in answers."""
    secrets = [received.headers.get("authorization", ""), received.headers.get("x-route", "")]
    secrets += [urllib.parse.quote(secret, safe="") for secret in secrets]
    said = f"{' '.join(secrets)} \x1b[31m\x07\x00\ufffe ]]> </failure> \ud83e"
    if b'"n": 10' in received.body:
        body: object = {"created": said, "data": [{"url": said}] * 10, said: said}
        return Reply(200, json.dumps(body).encode(), {"content-type": "application/json", "x-echo": secrets[0]})
    error = {"message": said, "type": said, "param": said, "code": said}
    return Reply(400, json.dumps({"error": error}).encode() + said.encode("utf-8", "replace"))


@pytest.mark.parametrize("key", [KEY, "hunter2", "sk'-\"a\\b"])
def test_a_hostile_server_gets_no_secret_into_any_output(key: str) -> None:
    with serving(hostile) as server:
        made = command(
            server.url,
            "--examples",
            "2",
            "--only",
            "createImage/*",
            OPENAI_API_KEY=key,
            IMAGES_HEADERS=f"!X-Route: {ROUTE}",
        )
    assert any(received.headers["authorization"] == f"Bearer {key}" for received in server.received)
    assert all(received.headers["x-route"] == ROUTE for received in server.received)
    assert made.returncode == 1, made.stderr
    assert "NOT CONFORMANT" in made.stdout
    assert "Traceback" not in made.stderr
    outputs = [made.stdout.encode(), made.stderr.encode()]
    outputs += [path.read_bytes() for path in Path.cwd().rglob("*") if path.is_file()]
    for line in Path("report/recording.ndjson").read_text(encoding="utf-8").splitlines()[1:]:
        exchange: Any = json.loads(line)["exchange"]
        answers = [exchange["answer"], *(fetch["answer"] for fetch in exchange["fetches"])]
        outputs += [base64.b64decode(answer["body"]) for answer in answers if answer]
    for secret in (key, ROUTE):
        for form in (secret, urllib.parse.quote(secret, safe=""), json.dumps(secret)[1:-1], repr(secret)[1:-1]):
            assert not [output for output in outputs if form.encode() in output]
    assert "\x1b[31m" not in made.stdout + made.stderr
    suites = ET.parse("report/junit.xml").getroot()  # noqa: S314 - a file that the suite wrote
    cases = list(suites.iter("testcase"))
    report: Any = json.loads(Path("report/report.json").read_bytes())
    assert len(cases) == len(report["verdicts"])
    against = [v for v in report["verdicts"] if v["outcome"] == "fail" and v["level"] != "advice"]
    assert len(list(suites.iter("failure"))) == len(against) > 0
    assert main(["--judge", "report/recording.ndjson", "--only", "createImage/*", "--out", "again"]) == 1
    again: Any = json.loads(Path("again/report.json").read_bytes())
    assert without_curl(again) == without_curl(report)


def without_curl(report: Any) -> list[dict[str, object]]:  # noqa: ANN401 - JSON
    """Return the verdicts of a report without the commands, which name the folder of the report."""
    return [{**verdict, "curl": None} for verdict in report["verdicts"]]

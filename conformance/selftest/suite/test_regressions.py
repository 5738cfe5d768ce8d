"""Faults that the suite once had, each with the shortest run that shows it."""

import asyncio
import io
import itertools
import json
import shlex
from pathlib import Path
from typing import Any

import httpx
import pytest
from attrs import evolve
from PIL import EpsImagePlugin, Image

from conformance.__main__ import main
from conformance.reference import Behaviour, Operation, RefusedError, Values
from conformance.selftest.suite import forms
from conformance.selftest.suite.loopback import Received, Reply, serving
from conformance.selftest.suite.runs import (
    TARGET,
    always,
    contract,
    operation,
    outcomes,
    run_on,
    settings,
)
from conformance.suite import run
from conformance.suite.contract import document
from conformance.suite.contract.nodes import ContractError
from conformance.suite.exchange.encoding import encode
from conformance.suite.exchange.recording import Exchange, Header, RecordingError, Writer
from conformance.suite.exchange.request import Raw, Request
from conformance.suite.images import IMAGES, decoding
from conformance.suite.images.files import CLEAR
from conformance.suite.report.curl import command
from conformance.suite.sending import redaction
from conformance.suite.settings import Settings, Target, UsageError, check_url, parse_headers

CORRECT = Behaviour()
URLS = "createImage/response/data/items/url"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Run in an empty folder, without the settings of whoever runs the tests."""
    monkeypatch.chdir(tmp_path)
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "IMAGES_HEADERS"):
        monkeypatch.delenv(name, raising=False)


def with_url(url: object) -> httpx.MockTransport:
    return always(lambda _: httpx.Response(200, json={"created": 1, "data": [{"url": url}]}))


# Answers


@pytest.mark.parametrize("url", [[], ["http://i.test/1"], {}, {"a": []}, 7, True])
def test_a_url_that_is_no_text_is_a_finding(url: object) -> None:
    found = outcomes(run_on(with_url(url), settings(f"{URLS}/*")))
    assert (found[f"{URLS}/type"], "broken" in found.values()) == ("fail", False)


@pytest.mark.parametrize("port", ["99999", "65536", "0", "-1", "x"])
def test_a_url_with_a_port_that_is_none_is_a_finding(port: str) -> None:
    found = outcomes(run_on(with_url(f"http://127.0.0.1:{port}/1.png"), settings(f"{URLS}/*")))
    assert (found[f"{URLS}/absolute"], "broken" in found.values()) == ("fail", False)


def test_a_redirect_of_an_image_to_a_port_that_is_none_is_a_finding() -> None:
    def answer(received: Received) -> Reply:
        if received.method == "GET":
            return Reply(302, b"", {"location": "http://127.0.0.1:99999/1.png"})
        body = {"created": 1, "data": [{"url": f"http://{received.headers['host']}/1.png"}]}
        return Reply(200, json.dumps(body).encode())

    with serving(answer) as server:
        chosen = evolve(settings(f"{URLS}/fetchable"), target=Target(server.url))
        prepared = run.prepare(chosen, IMAGES)
        (verdict,) = asyncio.run(run.run(chosen, prepared)).verdicts
    assert (verdict.outcome, "without the key" in verdict.message) == ("fail", True)


def test_a_redirect_of_the_server_itself_to_a_port_that_is_none_is_survived() -> None:
    odd = always(lambda _: httpx.Response(307, headers={"location": "http://127.0.0.1:99999/"}))
    assert outcomes(run_on(odd, settings("createImage/accepted"))) == {"createImage/accepted": "blocked"}


# Models


def offering(*models: str | None) -> Behaviour:
    """Offer these models alone, None for a request that names none."""

    def validate(made: Operation, values: Values) -> Values:
        if values.get("model") not in models:
            raise RefusedError("There is no such model.", "model", status=404)
        return CORRECT.validate(made, values)

    return Behaviour(validate=validate)


@pytest.mark.parametrize(
    ("models", "model", "missing"),
    [
        (("dall-e-2", None), None, ("@dall-e-3",)),
        (("dall-e-3",), None, ("@dall-e-2", "/model/default", "/model/optional")),
        (("own",), "own", ("@dall-e-2", "@dall-e-3", "/model/default", "/model/optional")),
    ],
)
def test_a_model_that_is_not_offered_is_not_held_against_a_server(
    models: tuple[str | None, ...], model: str | None, missing: tuple[str, ...]
) -> None:
    found = outcomes(run_on(offering(*models), settings("createImage/*", model=model)))
    assert not {rule for rule, outcome in found.items() if outcome in ("fail", "broken")}
    about = {rule: outcome for rule, outcome in found.items() if rule.endswith(missing)}
    assert set(about.values()) == {"unsupported"}
    assert all(any(rule.endswith(end) for rule in about) for end in missing)
    assert found["createImage/accepted"] == found["createImage/prompt/required"] == "pass"


# Images


@pytest.mark.parametrize("kind", ["EPS", "PDF", "PPM", "ICO", "TGA"])
def test_no_format_is_opened_but_those_of_the_web(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[object] = []
    monkeypatch.setattr(EpsImagePlugin, "Ghostscript", lambda *given, **_: started.append(given))  # pyright: ignore[reportUnknownArgumentType, reportUnknownLambdaType]
    file = io.BytesIO()
    Image.new("RGB", (16, 16)).save(file, kind)
    found = decoding.examine(file.getvalue())
    assert isinstance(found, str)
    assert "not a decodable image" in found
    assert started == []


# curl


@pytest.mark.parametrize("body", [b'{"prompt": "\xff\xfe"}', "\N{OTTER}".encode(), b"a\0b"])
def test_a_body_that_is_not_ascii_goes_through_a_file(body: bytes, tmp_path: Path) -> None:
    request = Request("createImage", {}, Raw(body=body, content_type="application/json"))
    words = shlex.split(command(request, operation(), TARGET, {}, tmp_path / "up loads"))
    named = words[words.index("--data-binary") + 1]
    assert (tmp_path / named.removeprefix("@")).read_bytes() == body


def test_a_form_keeps_the_order_of_its_parts(tmp_path: Path) -> None:
    edit = operation("createImageEdit")
    order = tuple(reversed(list(edit.request.properties)))
    request = Request(edit.id, {"image": CLEAR, "prompt": "otter", "n": 2}, Raw(order=order))
    words = shlex.split(command(request, edit, TARGET, {}, tmp_path))
    given = [word.partition("=")[0] for flag, word in itertools.pairwise(words) if flag in _PARTS]
    made = encode(request, edit, {})
    assert given == [part.name for part in forms.parse(made.content_type or "", made.body)] == ["n", "prompt", "image"]


_PARTS = ("-F", "--form-string")

# Secrets

LONG = 'sk/"long" secret+\N{OTTER}'
QUOTED = "sk%2F%22long%22%20secret%2B%F0%9F%A6%A6"


@pytest.mark.parametrize(
    ("secret", "text", "kept"),
    [
        ("1", '{"n": 1, "a": "1", "b": 10}', '{"n": 2, "a": "2", "b": 10}'),
        ("2024", "2024-01-01 2024", "1111-01-01 1111"),
        ("acme", "acme acmeist 'acme'", "REDACTED acmeist 'REDACTED'"),
        ("a", "a banana", "REDACTED banana"),
        ("abc", "abc <abc> %2Fabc%2f \\nabc", "REDACTED <REDACTED> %2FREDACTED%2f \\nREDACTED"),
        (LONG, f"<{LONG}>", "<REDACTED>"),
        (LONG, f"x{LONG}x", "xREDACTEDx"),
        (LONG, f"<{QUOTED}>", "<REDACTED>"),
        (
            LONG,
            f"<{QUOTED.replace('%2F', '%2f').replace('%2B', '%2b').replace('%F0%9F%A6%A6', '%f0%9f%a6%a6')}>",
            "<REDACTED>",
        ),
        (LONG, json.dumps([LONG]), '["REDACTED"]'),
        (LONG, json.dumps([LONG]).replace("/", "\\/"), '["REDACTED"]'),
        (LONG, json.dumps(json.dumps([LONG])), json.dumps('["REDACTED"]')),
        (LONG, f"broken [{json.dumps(LONG)}", 'broken ["REDACTED"'),
        ("sk-abcdef", '["sk\\u002dabc%64ef"]', '["REDACTED"]'),
        ("sk-abcdef", '{"SK-ABCDEF": "x"}', '{"REDACTED": "x"}'),
        ("a&b<c>d'e\"f", "a&amp;b&lt;c&gt;d&#x27;e&quot;f", "REDACTED"),
        ("http://h/v1", '["http://h/v1/images/1"]', '["http://REDACTED/images/1"]'),
        ("1e5", '[1e5, "1e5", -1e5]', '[1e1, "1e1", -1e1]'),
        ("true", '[true, "true"]', '[true, "REDACTED"]'),
        ("redacted", "redacted", "WITHHELD"),
    ],
)
def test_what_a_secret_is_replaced_by(secret: str, text: str, kept: str) -> None:
    for target in (Target("http://h", secret), Target("http://h", None, {"!x-a": secret})):
        assert redaction.of(target).body(text.encode()).decode() == kept


@pytest.mark.parametrize(
    "url",
    [
        "http://user:hunter2@h/v1",
        "http://hunter2@h:99999/v1",
        "ftp://user:hunter2@h",
        "user:hunter2@h/v1",
        "http://h/v1?key=hunter2",
        "http://h:99999/v1?key=hunter2",
        "http://h/v1#hunter2",
        "http://[::1/v1?key=hunter2",
        "h?hunter2",
    ],
)
def test_a_bad_url_is_refused_without_repeating_a_secret(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        check_url(url)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("arguments", [["a", "http://user:hunter2@h/v1"], ["--no-such=http://user:hunter2@h/v1"]])
def test_a_superfluous_argument_is_refused_without_repeating_a_secret(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    (line,) = captured.err.strip().splitlines()
    assert line.startswith("images-conformance: ")
    assert "hunter2" not in line


@pytest.mark.parametrize("name", ["é", "x-\N{OTTER}", "x\u2011a", "ﬁ", "x\0", "(x)"])
def test_a_header_of_such_a_name_is_refused(name: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_headers(f"{name}: secret")
    assert "secret" not in str(caught.value)


# The command


def told(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """Return the one sentence that a command says instead of running, or when it can't go on."""
    assert main(arguments) == 2
    captured = capsys.readouterr()
    (line,) = [line for line in captured.err.splitlines() if not line.startswith("checking ")]
    assert line.startswith("images-conformance: ")
    assert line.isprintable()
    assert "please report" not in line
    return line


@pytest.mark.parametrize(
    "host", ["\0", "h\0h", "xn--", "xn--\x7f", "exa\u0300mple.test", "\u0300", "\u0300\u0301", "\ud83e", "\u202eh"]
)
def test_an_odd_host_is_told_in_one_sentence(host: str, capsys: pytest.CaptureFixture[str]) -> None:
    told([f"http://{host}/v1", "--only", "createImage/accepted"], capsys)


def test_a_report_below_a_file_is_told_in_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    Path("file").write_bytes(b"")
    with serving() as server:
        assert "can't be written" in told(
            [server.url, "--only", "createImage/accepted", "--out", "file/report"], capsys
        )


class Full(io.StringIO):
    """A file on a disk that has room for one line."""

    def write(self, text: str) -> int:
        """Write a line if there is room."""
        if self.tell():
            raise OSError(28, "No space left on device")
        return super().write(text)


def test_a_recording_that_can_not_be_written_further(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "open", lambda *_, **__: Full())  # pyright: ignore[reportUnknownArgumentType, reportUnknownLambdaType]
    writer = Writer(Path("r"), Header(TARGET.url, None, {}, key_used=True, started=1.0, contract_sha256="0"))
    with pytest.raises(RecordingError, match=r"^[^\n]*No space left on device\.$"):
        writer.add(Exchange("a", Request("createImage", {}), valid=True, answer=None))


# The contract and the settings


def lacking(path: str, *parts: str) -> bytes:
    """Return the contract without what stands at this path."""
    whole: Any = json.loads(json.dumps(contract().document))
    node: Any = whole
    for part in parts:
        node = node[part]
    del node[path]
    return json.dumps(whole).encode()


CREATE = ("paths", "/images/generations", "post")


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        ("paths", ()),
        ("operationId", CREATE),
        ("ImagesResponse", ("components", "schemas")),
    ],
)
def test_a_contract_that_lacks_something_is_refused_in_one_sentence(path: str, parts: tuple[str, ...]) -> None:
    with pytest.raises(ContractError, match=r"^[^\n]+$"):
        document.parse(lacking(path, *parts))


def test_a_role_that_no_document_names_is_refused() -> None:
    with pytest.raises(UsageError, match=r"MODELS names 'DALL-E-2'.*dall-e-2, dall-e-3\.$"):
        run.prepare(Settings(TARGET, models={"DALL-E-2": "own"}, only=("createImage/accepted",)), IMAGES)

"""A server is judged by what it sent, no secret is written, and what is written can be judged again."""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import httpx
import pytest

from conformance.reference import Behaviour, create_app
from conformance.selftest.suite.runs import (
    TARGET,
    always,
    by_rule,
    contract,
    correct,
    outcomes,
    prepared_for,
    run_on,
    settings,
)
from conformance.suite import run
from conformance.suite.exchange import recording
from conformance.suite.exchange.codec import CODEC
from conformance.suite.exchange.recording import Answer, Exchange
from conformance.suite.exchange.request import Request
from conformance.suite.images import IMAGES
from conformance.suite.report import report
from conformance.suite.report.report import Result
from conformance.suite.sending import redaction
from conformance.suite.settings import Target, is_secret, parse_headers

RANDOM = "sk-3vQz_8-rTq1LxWm0aYpN7bKc"
KEYS = (
    *(RANDOM, "sk-a", "files", "images", "v1", "data", "created", "url", "reference", "png", "b64_json", "error"),
    *("revised_prompt", "json", "application/json", "content-type", "type", "object", "1", "0", "1024", "200", "true"),
)
ROUTES = [TARGET.url, "reference.test", "http://reference.test/", "1024", "dall-e-2", "acme", "7"]
HERE = "createImage/*"


def run_with(target: Target, tmp_path: Path, *only: str, **steps: Any) -> Result:  # noqa: ANN401 - those of a behaviour
    """Make a run against a server that wants this key and no other."""
    app = create_app(attrs.evolve(Behaviour(**steps), api_key=target.key))
    chosen = attrs.evolve(settings(*only), target=target, out=tmp_path)
    return run_on(httpx.ASGITransport(app), chosen, tmp_path / "recording.ndjson")


def assert_as_ever(made: Result) -> None:
    """Make sure that every rule has the outcome that it has in a run with an ordinary key."""
    among = outcomes(correct())
    assert outcomes(made) == {rule: among[rule] for rule in outcomes(made)}


def again(made: Result, tmp_path: Path) -> Result:
    """Judge the recording of a run again, as the command does."""
    kept = recording.read(tmp_path / "recording.ndjson", IMAGES.contents)
    target = Target(kept.header.url, key="" if kept.header.key_used else None, headers=kept.header.headers)
    chosen = attrs.evolve(made.settings, target=target)
    return run.result_of(chosen, prepared_for(made), kept)


@pytest.mark.parametrize("key", KEYS)
def test_a_key_changes_no_verdict_and_the_recording_gives_the_same(key: str, tmp_path: Path) -> None:
    made = run_with(Target(TARGET.url, key), tmp_path, HERE)
    assert_as_ever(made)
    judged = again(made, tmp_path)
    assert judged.verdicts == made.verdicts
    assert report.build(judged)["verdicts"] == report.build(made)["verdicts"]


@pytest.mark.parametrize("mark", ["", "!"])
@pytest.mark.parametrize("route", ROUTES)
def test_a_header_changes_no_verdict_and_the_recording_gives_the_same(route: str, mark: str, tmp_path: Path) -> None:
    made = run_with(Target(TARGET.url, RANDOM, {f"{mark}x-route": route}), tmp_path, HERE)
    assert_as_ever(made)
    assert again(made, tmp_path).verdicts == made.verdicts


@pytest.mark.parametrize("key", [RANDOM, "files", "images", "v1", "data", "created", "url", "1"])
def test_failures_are_judged_again_in_the_same_words(key: str, tmp_path: Path) -> None:
    def answer(_: object, items: Any) -> Any:  # noqa: ANN401 - the reference's JSON
        return {"created": f"by {key}", "data": [{**item, "revised_prompt": 7} for item in items]}

    made = run_with(Target(TARGET.url, key), tmp_path, HERE, build_answer=answer)
    assert by_rule(made)["createImage/response/created/type"].outcome == "fail"
    judged = again(made, tmp_path)
    assert judged.verdicts == made.verdicts
    assert report.build(judged)["verdicts"] == report.build(made)["verdicts"]


@pytest.mark.parametrize("before", [0, 30, 50, 60, 65, 70, 75])
def test_a_message_that_is_cut_short_holds_no_part_of_a_secret(before: int, tmp_path: Path) -> None:
    said = "x" * before + RANDOM

    def respond(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"created": said, "data": [{"url": said}]})

    chosen = attrs.evolve(settings(HERE), target=Target(TARGET.url, RANDOM), out=tmp_path)
    text = json.dumps(report.build(run_on(always(respond), chosen)))
    assert RANDOM[:4] not in text
    assert ("REDACTED" in text) is (before <= 70)


def test_a_text_that_was_cut_short_holds_less_than_eight_characters_of_a_secret() -> None:
    cut = redaction.of(Target(TARGET.url, RANDOM))
    assert cut.words(f"it is 'x{RANDOM[:20]}…', on 1 sample") == "it is 'xREDACTED…', on 1 sample"


def test_what_can_not_be_kept_is_still_judged_by_what_was_sent(tmp_path: Path) -> None:
    """A secret that is the very text that a rule is about: the verdict is that on the answer, without the secret."""
    made = run_with(Target(TARGET.url, "prompt"), tmp_path, HERE)
    rule = "createImage/error/error/param/names"
    assert by_rule(made)[rule].outcome == "pass"
    assert by_rule(again(made, tmp_path))[rule].outcome == "blocked"


def utf_16(text: str) -> bytes:
    return text.encode("utf-16")


def escaped(text: str) -> bytes:
    return "".join(f"\\u{ord(c):04x}" if c.isalnum() else c for c in text).encode()


def latin(text: str) -> bytes:
    return f"caf\xe9 {text}".encode("latin-1")


@pytest.mark.parametrize("write", [str.encode, utf_16, escaped, latin])
@pytest.mark.parametrize("secret", [RANDOM, "sk-abc", "hunter2"])
def test_a_secret_is_found_in_any_encoding(write: Callable[[str], bytes], secret: str) -> None:
    shown = redaction.of(Target(TARGET.url, secret)).body(write(f'{{"a": "{secret}", "{secret}": "/{secret}/"}}'))
    texts = [shown.decode(encoding, "replace") for encoding in ("utf-8", "utf-16", "latin-1", "unicode_escape")]
    assert not [text for text in texts if secret in text]
    assert any("REDACTED" in text for text in texts)


def test_bytes_of_images_are_left_alone_where_a_tiny_secret_stands_in_them_by_chance() -> None:
    cut = redaction.of(Target(TARGET.url, "v1"))
    image = b"\x89PNG\xff v1 \xff"
    text = base64.b64encode(bytes(range(256)) * 4).decode().replace("BAgM", "/v1/")
    body = json.dumps({"data": [{"b64_json": text, "note": "v1"}]}).encode()
    assert "/v1/" in text
    assert cut.body(image) is image
    assert json.loads(cut.body(body)) == {"data": [{"b64_json": text, "note": "REDACTED"}]}
    assert cut.body(b"nothing in it") == b"nothing in it"


def test_a_media_type_that_the_contract_documents_stays() -> None:
    cut = redaction.of(Target(TARGET.url, "json"), contract())
    answer = Answer(200, (("Content-Type", "application/json; a=json"), ("x-json", "json")), b"")
    assert cut.answer(answer).headers == (
        ("Content-Type", "application/json; a=REDACTED"),
        ("x-REDACTED", "REDACTED"),
    )


SECRET = (
    *("Authorization", "Proxy-Authorization", "cookie", "X-Api-Key", "x-ACCESS-token", "client-secret", "x-password"),
    *("x-credentials", "x-session-id", "x-signature", "x-auth", "!x-route"),
    *("x-portkey-api-key", "x-authorization", "x-mykey", "x-tokens"),
)
PLAIN = ("x-route", "x-team", "x-portkey-provider", "x-portkey-custom-host", "x-author", "x-tokenizer", "x-keyword")


@pytest.mark.parametrize(("name", "secret"), [(n, True) for n in SECRET] + [(n, False) for n in PLAIN])
def test_a_header_is_secret_by_its_name_or_by_a_mark(name: str, secret: bool) -> None:  # noqa: FBT001 - a parameter
    target = Target(TARGET.url, "sk-a", parse_headers(f"{name}: here"))
    assert is_secret(name) is secret
    assert ("here" in target.secrets) is secret
    assert target.sent == {name.removeprefix("!"): "here"}
    assert "here" not in repr(target)


@pytest.mark.parametrize(
    ("header", "part"),
    [
        *(("Authorization: Basic dXNlcjpwYXNz", part) for part in ("dXNlcjpwYXNz", "user:pass", "pass")),
        ("cookie: session=abcdefgh", "abcdefgh"),
    ],
)
def test_the_half_of_a_header_that_is_the_secret_is_one_by_itself(header: str, part: str) -> None:
    assert redaction.of(Target(TARGET.url, None, parse_headers(header))).text(f"<{part}>") == "<REDACTED>"


def test_headers_are_recorded_without_the_secrets(tmp_path: Path) -> None:
    headers = {"x-team": "a", "!x-route": "hidden-1", "x-token": "hidden-2", "x-debug": f"key {RANDOM}"}
    url = f"http://reference.test/{RANDOM}/v1"
    run_with(Target(url, RANDOM, headers), tmp_path, "createImage/accepted")
    text = (tmp_path / "recording.ndjson").read_text(encoding="utf-8")
    kept = recording.read(tmp_path / "recording.ndjson", IMAGES.contents).header
    assert kept.headers == {"x-team": "a", "!x-route": "", "x-token": "", "!x-debug": ""}
    assert kept.url == "http://reference.test/REDACTED/v1"
    assert "hidden" not in text
    assert RANDOM not in text


def test_nothing_shows_what_came_over_the_wire() -> None:
    answer = Answer(200, (("x-echo", RANDOM),), RANDOM.encode())
    made = Exchange("a", Request("createImage", {}), valid=True, answer=answer)
    assert RANDOM not in repr(made)
    assert RANDOM in json.dumps(CODEC.unstructure(made))

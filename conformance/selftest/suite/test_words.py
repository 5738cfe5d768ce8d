"""What a server sent, in the words of a message."""

import pytest
from attrs import evolve

from conformance.suite.contract.places import ABSENT
from conformance.suite.exchange.recording import Answer, Exchange
from conformance.suite.exchange.request import Request
from conformance.suite.exchange.upload import Text, Upload
from conformance.suite.exchange.words import asked, count, describe, error_body, show, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain \N{OTTER} [bold]", "plain \N{OTTER} [bold]"),
        ("\x1b[31m", "\\x1b[31m"),
        ("a\nb\r\tc", "a\\nb\\r\\tc"),
        ("\x00\x07\x9b\x7f", "\\x00\\x07\\x9b\\x7f"),
        ("\u202e\u200b", "\\u202e\\u200b"),
        ("\ud83e", "\\ud83e"),
    ],
)
def test_visible(text: str, shown: str) -> None:
    assert visible(text) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (ABSENT, "missing"),
        (None, "null"),
        (True, "true"),
        ([None, False, 1, 1.5], "[null, false, 1, 1.5]"),
        ({"a": "b"}, '{"a": "b"}'),
        ("\N{OTTER} it's", '"\N{OTTER} it\'s"'),
        ("\x1b\x9b\u202e\ud83e", '"\\u001b\\x9b\\u202e\\ud83e"'),
        (float("inf"), "Infinity"),
        ("a" * 78, f'"{"a" * 78}"'),
        ("a" * 79, f'"{"a" * 78}…'),
        (Upload(Text(), "a.txt", "text/plain"), "a text file"),
        ([Upload(Text(), "a.txt", "text/plain")], '["a text file"]'),
    ],
)
def test_a_value_is_shown_as_json(value: object, shown: str) -> None:
    assert show(value) == shown


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (b'{"a":\n null}', '{"a": null}'),
        (b"a\x1b[31m\xff", "a\\x1b[31m\N{REPLACEMENT CHARACTER}"),
        (b"a" * 160, "a" * 160),
        (b"a" * 161, "a" * 159 + "…"),
        (b"a" + b" " * 400, "a…"),
        (("a" + "\N{OTTER}" * 100).encode(), "a" + "\N{OTTER}" * 99 + "…"),
    ],
)
def test_the_beginning_of_a_refusal_is_told(body: bytes, shown: str) -> None:
    exchange = Exchange("a", Request("createImage", {}), valid=True, answer=Answer(400, (), body))
    assert describe(exchange) == f"status 400: {shown}"


@pytest.mark.parametrize("body", [b"", b" \r\n"])
def test_a_refusal_without_a_body_is_told_as_such(body: bytes) -> None:
    exchange = Exchange("a", Request("createImage", {}), valid=True, answer=Answer(400, (), body))
    assert describe(exchange) == "status 400 without a body"


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (b'{"error": {"message":\n "No."}}', '{"error": {"message": "No."}}'),
        (b'{"error": "No.", "data": []}', '{"error": "No.", "data": []}'),
        (b'{"error": "%s"}' % (b"a" * 200), '{"error": "' + "a" * 148 + "…"),
        (b'{"error": null, "data": []}', None),
        (b'{"error": ""}', None),
        (b'{"error": {}}', None),
        (b'{"error": 5}', None),
        (b'{"data": [{"error": "No."}]}', None),
        (b'["error"]', None),
        (b'{"error": "No."', None),
        (b'{"error": ' + b"[" * 100_000, None),
        (b"", None),
    ],
)
def test_a_success_that_is_an_error_is_told_as_such(body: bytes, shown: str | None) -> None:
    exchange = Exchange("a", Request("createImage", {}), valid=True, answer=Answer(200, (), body))
    error = f", but the body is an error: {shown}" if shown else ""
    assert describe(exchange) == f"accepted with status 200{error}"
    assert error_body(exchange) == (f"an error: {shown}" if shown else "")
    assert error_body(evolve(exchange, answer=Answer(400, (), body))) == ""


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"prompt": "otter", "n": None, "flag": True}, 'prompt="otter", n=null, flag=true'),
        ({"prompt": "a" * 50}, f'prompt="{"a" * 38}…'),
        ({}, "no field"),
    ],
)
def test_the_fields_of_a_request(fields: dict[str, object], words: str) -> None:
    assert asked(Request("createImage", fields)) == words


@pytest.mark.parametrize(("number", "words"), [(0, "0 images"), (1, "1 image"), (2, "2 images")])
def test_count(number: int, words: str) -> None:
    assert count(number, "image") == words

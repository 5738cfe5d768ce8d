"""The size of a page: it stays small, however much fails and whatever a server sends."""

import base64
import io
import itertools
import json
from functools import cache
from typing import Any

import pytest
from attrs import evolve
from PIL import Image

from conformance.reference import Behaviour
from conformance.selftest.suite.runs import page, run_on, settings
from conformance.suite.exchange.recording import Answer, Recording
from conformance.suite.report import report
from conformance.suite.report.page.room import MOST_BYTES, lines, readable
from conformance.suite.report.record import Report
from conformance.suite.report.report import Result

LONG = "\N{OTTER}<&\"'" * 200
HEADERS = tuple((f"x-{number}", LONG) for number in range(40))


@cache
def correct() -> Result:
    return run_on(Behaviour(), settings())


def all_fail(**changed: object) -> Report:
    """Return the report of a run in which every rule fails, each with an exchange and a twin to show."""
    built = json.loads(json.dumps(report.build(correct())))
    ids = list(correct().recording.exchanges)[::8]
    for number, verdict in enumerate(built["verdicts"]):
        case: dict[str, Any] = {"what": LONG, "actual": LONG, "exchange": ids[number % len(ids)], "twin": ids[0]}
        verdict |= {"outcome": "fail", "cases": [case], "curl": "curl " + LONG, "message": LONG}
        verdict |= {"known": "One day." * 100_000 if number % 2 else None, **changed}
    return built


@cache
def noise() -> bytes:
    buffer = io.BytesIO()
    Image.effect_noise((512, 512), 80).save(buffer, "PNG")
    return buffer.getvalue()


BODIES = {
    "long texts": json.dumps([LONG] * 100).encode(),
    "many values": json.dumps([{"<otter>": [number] * 9} for number in range(4000)]).encode(),
    "no JSON": LONG.encode() * 1000,
    "binary": bytes(range(256)) * 1000,
    "nested": b"[" * 100_000,
    "images": json.dumps({"data": [{"b64_json": base64.b64encode(noise()).decode()}] * 4}).encode(),
}


def hostile() -> Recording:
    """Return the recording of the run as if the answers had had these bodies in turn, and these headers."""
    shown = correct().shown
    bodies = itertools.cycle(BODIES.values())
    exchanges = {id_: evolve(made, answer=Answer(200, HEADERS, next(bodies))) for id_, made in shown.exchanges.items()}
    return evolve(shown, exchanges=exchanges)


def test_a_page_stays_small_where_everything_fails() -> None:
    text = page(all_fail(), hostile())
    assert len(text.encode()) < MOST_BYTES
    assert text.count('class="rule fail counts"') + text.count('class="rule fail"') == 264


def test_with_enough_room_every_failure_is_shown_with_its_exchange_and_programs() -> None:
    short = {"expected": "refused", "message": "accepted", "known": None}
    built = all_fail(cases=[{**all_fail()["verdicts"][0]["cases"][0], "actual": "accepted", "what": "n = 11"}], **short)
    text = page(built, correct().shown)
    assert len(text.encode()) < MOST_BYTES
    shown = [text.count(words) for words in ("The exchange as sent", "which was accepted<", "The same in Python")]
    assert shown == [264] * 3


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"a": [1, "x"]}', '{\n  "a": [\n    1,\n    "x"\n  ]\n}'),
        (
            json.dumps({"b64_json": "A" * 5000}).encode(),
            '{\n  "b64_json": "' + "A" * 60 + '\u2026 (5,000 characters)"\n}',
        ),
        (json.dumps(["\\" * 300]).encode(), '[\n  "' + "\\\\" * 60 + '\u2026 (300 characters)"\n]'),
        (b"<h1>otter</h1>", "<h1>otter</h1>"),
        (b'{"cut": ', '{"cut": '),
        (b"\x89PNG\r\n\x1a\n", r"begins with b'\x89PNG\r\n\x1a\n'"),
        (b"[" * 100_000, "[" * 12_000),
        (b"\xff\xfe", "\ufffd\ufffd"),
        (b"", ""),
    ],
)
def test_a_body_is_shown_so_that_it_can_be_read(body: bytes, expected: str) -> None:
    assert readable(body) == expected


def test_what_is_shown_of_a_body_is_bounded_and_visible() -> None:
    assert lines("a\n\u202eb\n" + "c" * 500, 4000) == ("a", "\\u202eb", "c" * 399 + "\u2026")
    assert lines("abc", 2) == ("ab", "\u2026 (cut off here)")
    assert lines("abc", 0) == ()

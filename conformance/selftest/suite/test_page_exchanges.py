"""What a page shows of a failure: request and answer, the accepted twin, marks, links to other operations."""

import json
from functools import cache

import pytest
from attrs import evolve

from conformance.reference import Behaviour
from conformance.selftest.suite.runs import operation, prepared_for, run_on, settings
from conformance.selftest.suite.test_rejudging import lax
from conformance.suite.exchange.recording import Answer, Exchange, Fetch
from conformance.suite.exchange.request import Damage, Raw, Request
from conformance.suite.images import IMAGES
from conformance.suite.images.files import CLEAR
from conformance.suite.report import pages, report
from conformance.suite.report.page.exchanges import Shower
from conformance.suite.report.page.looks import Looks
from conformance.suite.report.page.marking import Piece, clause, difference

NAMES = {"model": {"dall-e-2": "own"}}
SHOWER = Shower("http://h/v1", {"X-Team": "otters", "X-Token": ""}, key=True, room=2000, looks=Looks(IMAGES))
BODY = json.dumps({"created": 1, "data": [{"b64_json": "iVBORw0KGgo" * 400}]}).encode()


def exchange(fields: dict[str, object], name: str = "createImage", raw: Raw | None = None) -> Exchange:
    request = Request(name, {"prompt": "otter", **fields}, raw or Raw())
    answer = Answer(200, (("x-a", "b\x1b"), ("empty", "")), BODY)
    return Exchange("one", request, valid=False, answer=answer, seconds=0.5)


def shown(made: Exchange, twin: Exchange | None = None):  # noqa: ANN201 - what is tested
    return SHOWER.exchange(made, twin, operation(made.request.operation), NAMES)


def test_a_request_is_shown_as_it_was_sent() -> None:
    found = shown(exchange({"model": "dall-e-2", "n": 11, "user": "x" * 500}))
    assert found.sent.head == "POST http://h/v1/images/generations"
    assert found.sent.headers == (
        "Accept: application/json",
        "Content-Type: application/json",
        "Authorization: Bearer $OPENAI_API_KEY",
        "X-Team: otters",
        "X-Token: (secret)",
    )
    body = "\n".join(piece.text for piece in found.sent.body)
    assert json.loads(body) == {
        "prompt": "otter",
        "model": "own",
        "n": 11,
        "user": "x" * 60 + "\N{HORIZONTAL ELLIPSIS} (500 characters)",
    }
    assert not any(piece.marked for piece in found.sent.body)


def test_an_upload_is_shown_in_words() -> None:
    found = shown(exchange({"image": CLEAR}, "createImageEdit", Raw(damage=Damage(keep=0.9))))
    size = len(CLEAR.encode())
    assert [piece.text for piece in found.sent.body] == [
        "prompt: otter",
        f"image: image.png, image/png: PNG 384x384 with a transparent middle, {size:,} bytes",
    ]
    assert found.sent.note == "cut off after 90% of its bytes"


@pytest.mark.parametrize(
    ("raw", "line"),
    [
        (Raw(body=b"text: otter", content_type="text/plain"), "text: otter"),
        (Raw(damage=Damage(keep=0.5)), '{"prompt"'),
        (Raw(damage=Damage(b'"user": "\xff"')), '{"prompt": "otter", "user": "\N{REPLACEMENT CHARACTER}"}'),
    ],
)
def test_a_body_that_no_fields_give_is_shown_as_it_is(raw: Raw, line: str) -> None:
    assert [piece.text for piece in shown(exchange({}, raw=raw)).sent.body] == [line]


def test_what_came_is_shown_with_its_length_and_how_long_it_took() -> None:
    fetches = tuple(Fetch(f"http://i/{number}", Answer(404, (), b"No.")) for number in range(5))
    found = shown(evolve(exchange({}), fetches=fetches)).came
    assert found.head == f"status 200 after 0.50 s, {len(BODY)} bytes"
    assert found.headers == ("x-a: b\\x1b",)
    begun = ("iVBORw0KGgo" * 6)[:60]
    assert f'      "b64_json": "{begun}\N{HORIZONTAL ELLIPSIS} (4,400 characters)"' in found.body
    assert found.fetches[0] == "GET http://i/0: status 404, 3 bytes"
    assert found.fetches[3:] == ("and 2 others",)


def test_a_lack_of_an_answer_is_shown() -> None:
    made = evolve(exchange({}), answer=None, failure="no answer within 180 s\x07")
    assert shown(made).came.head == "no answer within 180 s\\x07"


def test_what_came_before_is_told() -> None:
    before = evolve(exchange({}), answer=None, failure="the connection was lost")
    assert shown(evolve(exchange({}), before=before)).again == "sent 2 times: the connection was lost, status 200"
    assert shown(exchange({})).again == ""


def test_what_differs_from_the_twin_is_marked() -> None:
    twin = evolve(exchange({"n": 1, "user": "a"}), id="two")
    found = shown(exchange({"n": 11, "size": None}), twin)
    assert [piece.text for piece in found.sent.body if piece.marked] == ['  "n": 11,', '  "size": null']
    assert found.twin is not None
    assert (found.twin.id, found.twin.differs) == ("two", ('  "n": 1,', '  "user": "a"'))
    assert found.twin.came.head == f"status 200 after 0.50 s, {len(BODY)} bytes"


def marked(pieces: tuple[Piece, ...]) -> str:
    return "".join(f"[{piece.text}]" if piece.marked else piece.text for piece in pieces)


@pytest.mark.parametrize(
    ("text", "part", "expected"),
    [
        ("The images, `n` of them.", "`n` of them", "The images, [`n` of them]."),
        ("All of it.", "All of it.", "All of it."),
        ("type: string", "", "type: string"),
        ("A sentence.", "another one", "A sentence."),
    ],
)
def test_the_clause_is_marked(text: str, part: str, expected: str) -> None:
    assert marked(clause(text, part)) == expected


@pytest.mark.parametrize(
    ("what", "expected", "got", "left", "right"),
    [
        (
            *("n = 11", "n = 11: refused with a 4xx", "accepted with status 200"),
            *("n = 11: [refused] with [a 4xx]", "[accepted] with [status 200]"),
        ),
        ("in 2 answers", "The size.", "data[0] is 1x1 where 2x2 was due", "[2x2 was due]", "[data[0] is 1x1]"),
        ("in 2 answers", "When it was made.", "created is 1", "When it was made.", "created is 1"),
        ("", "a " * 500, "b " * 500, "a " * 500, "b " * 500),
    ],
)
def test_the_difference_is_marked(what: str, expected: str, got: str, left: str, right: str) -> None:
    assert tuple(map(marked, difference(what, expected, got))) == (left, right)


@cache
def html() -> str:
    """Return the page of a run on a server that takes any number of images."""
    made = run_on(Behaviour(validate=lax), settings("*/n/maximum", "*/n/minimum"))
    return pages.html(report.build(made), made.shown, prepared_for(made))


def test_a_failure_is_linked_to_the_same_in_other_operations() -> None:
    assert (
        '<p>Also in <a href="#createImageEdit/n/maximum">createImageEdit</a>, '
        '<a href="#createImageVariation/n/maximum">createImageVariation</a></p>'
    ) in html()


def test_a_failure_is_shown_with_its_programs_and_its_twin() -> None:
    text = html()
    assert '<div class="body" id="createImage/n/maximum">' in text
    assert "<mark>  &#34;n&#34;: 11,</mark>" in text
    assert "n = 11: <mark>refused</mark> with <mark>a 4xx</mark>" in text
    assert "<summary>Its twin, which was accepted</summary>" in text
    assert "    n=11,\n" in text
    assert "&#34;n&#34;: 11, " in text

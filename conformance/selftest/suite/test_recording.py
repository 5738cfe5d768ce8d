"""A recording keeps everything that verdicts rest on, and survives a crash."""

from pathlib import Path

import pytest

from conformance.reference import Behaviour
from conformance.selftest.suite.runs import KEY, correct, prepared_for, run_on, settings
from conformance.suite import run
from conformance.suite.exchange import recording
from conformance.suite.exchange.recording import Answer, Exchange, Fetch, Header, Recording, RecordingError, Writer
from conformance.suite.exchange.request import Raw, Request
from conformance.suite.images import IMAGES
from conformance.suite.images.files import CLEAR
from conformance.suite.verdicts.verdict import Outcome

HEADER = Header("http://reference.test/v1", "own", {"dall-e-2": "own"}, key_used=True, started=1.5, contract_sha256="0")
ANSWER = Answer(200, (("content-type", "application/json"), ("x-odd", "caf\xe9")), bytes(range(256)))
EXCHANGES = (
    Exchange(
        "a", Request("createImage", {"prompt": "\N{OTTER}\n", "n": None}), valid=True, answer=ANSWER, seconds=0.25
    ),
    Exchange(
        "b", Request("createImageEdit", {"image": CLEAR}, Raw(body=b"\xff")), valid=False, answer=None, failure="No."
    ),
    Exchange(
        "c",
        Request("createImage", {}),
        valid=True,
        answer=ANSWER,
        fetches=(Fetch("http://i.test/1", ANSWER), Fetch("http://i.test/2", None, "no connection")),
    ),
)


def read(path: Path) -> Recording:
    return recording.read(path, IMAGES.contents)


def written(path: Path) -> Path:
    writer = Writer(path, HEADER)
    for exchange in EXCHANGES:
        writer.add(exchange)
    writer.close()
    return path


def test_round_trip(tmp_path: Path) -> None:
    expected = Recording(HEADER, {exchange.id: exchange for exchange in EXCHANGES})
    assert read(written(tmp_path / "new" / "recording.ndjson")) == expected


def test_each_line_is_on_disk_at_once(tmp_path: Path) -> None:
    path = tmp_path / "recording.ndjson"
    writer = Writer(path, HEADER)
    for count, exchange in enumerate(EXCHANGES, 1):
        writer.add(exchange)
        assert len(read(path).exchanges) == count
    writer.close()


@pytest.mark.parametrize("cut", [1, 2, 100])
def test_a_last_line_that_is_cut_off_is_left_out(cut: int, tmp_path: Path) -> None:
    path = written(tmp_path / "recording.ndjson")
    path.write_bytes(path.read_bytes()[:-cut])
    assert list(read(path).exchanges) == ["a", "b"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"not JSON\n",
        b"[]\n",
        b"{}\n",
        b'{"header": 5}\n',
        b'{"header": {"url": "http://x"}}\n',
        b"\xff\xfe\n",
        b'{"schema_version": 1}',
    ],
)
def test_what_is_no_recording_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "other.json"
    path.write_bytes(content)
    with pytest.raises(RecordingError, match=r"other\.json is not a recording of this suite"):
        read(path)


@pytest.mark.parametrize(
    ("value", "instead"),
    [
        (b'"status": 200', b'"status": "200"'),
        (b'"status": 200', b'"status": 200.5'),
        (b'"status": 200', b'"status": ' + b"[" * 100_000),
        (b'"valid": true', b'"valid": 1'),
        (b'"body": "', b'"body": "?'),
        (b'"id": "a"', b'"id": 7'),
    ],
)
def test_a_recording_that_was_tampered_with_is_refused(value: bytes, instead: bytes, tmp_path: Path) -> None:
    path = written(tmp_path / "recording.ndjson")
    assert value in path.read_bytes()
    path.write_bytes(path.read_bytes().replace(value, instead))
    with pytest.raises(RecordingError, match="is not a recording"):
        read(path)


@pytest.mark.parametrize(
    "line", [b"garbage", b"{}", b"[]", b'{"exchange": {}}', b'{"exchange": []}', b'{"header": {}}']
)
def test_a_damaged_line_in_the_middle_is_refused(line: bytes, tmp_path: Path) -> None:
    path = written(tmp_path / "recording.ndjson")
    first, *rest = path.read_bytes().split(b"\n")
    path.write_bytes(b"\n".join([first, line, *rest]))
    with pytest.raises(RecordingError, match="is not a recording"):
        read(path)


def test_a_missing_recording_is_named(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match=r"no-such\.ndjson"):
        read(tmp_path / "no-such.ndjson")


def test_a_place_that_can_not_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(RecordingError, match="can't be written"):
        Writer(tmp_path / "file" / "recording.ndjson", HEADER)


def test_a_recording_gives_the_verdicts_of_its_run(tmp_path: Path) -> None:
    path = tmp_path / "recording.ndjson"
    made = run_on(Behaviour(build_answer=lambda _, items: {"created": "now", "data": list(items)}), settings(), path)
    assert any(verdict.outcome is Outcome.FAIL for verdict in made.verdicts)
    assert run.judge(prepared_for(made), read(path)) == made.verdicts
    assert KEY.encode() not in path.read_bytes()


def test_a_result_made_from_a_recording_counts_the_same() -> None:
    made = correct()
    again = run.result_of(made.settings, prepared_for(made), made.recording)
    assert (again.requests, again.images_requested) == (made.requests, made.images_requested)


@pytest.mark.parametrize(
    ("status", "accepted", "refused"),
    [
        (200, True, False),
        (201, True, False),
        (302, False, False),
        (400, False, True),
        (404, False, True),
        (422, False, True),
        (429, False, False),
        (500, False, False),
        (599, False, False),
    ],
)
def test_accepted_and_refused(*, status: int, accepted: bool, refused: bool) -> None:
    exchange = Exchange("a", Request("createImage", {}), valid=True, answer=Answer(status, (), b""))
    assert (exchange.accepted, exchange.refused) == (accepted, refused)


def test_without_an_answer_nothing_is_accepted_or_refused() -> None:
    exchange = Exchange("a", Request("createImage", {}), valid=True, answer=None)
    assert (exchange.status, exchange.accepted, exchange.refused) == (0, False, False)

"""What each status says of each rule about requests: the table typed in again, by single statuses."""

import pytest

from conformance.suite.exchange.recording import Answer, Exchange
from conformance.suite.exchange.request import Request
from conformance.suite.rules.rule import Want
from conformance.suite.verdicts.entries import fails
from conformance.suite.verdicts.rulings import TABLE, Reply, reply, ruling

K, F, U = "keeps", "fails", "unclear"
WANTS = (Want.ACCEPTED, Want.REFUSED, Want.SURVIVED, Want.DENIED)

# status, 0 for no answer; what it says where the request is to be accepted, refused, survived, denied
ROWS: list[tuple[int, tuple[str, str, str, str]]] = [
    (0, (U, U, U, U)),
    *((status, (U, F, K, K)) for status in (100, 101, 103, 300, 301, 302, 304, 307, 308, 399)),
    *((status, (K, F, K, F)) for status in (200, 201, 202, 204, 206, 299)),
    *((status, (U, K, K, K)) for status in (401, 403)),
    *((status, (F, K, K, K)) for status in (400, 402, 404, 405, 413, 415, 418, 422, 428, 430, 451, 499)),
    (429, (U, U, K, K)),
    (503, (U, U, F, K)),
    *((status, (F, F, F, K)) for status in (500, 501, 502, 504, 529, 599)),
]
CELLS = [(status, want, said) for status, row in ROWS for want, said in zip(WANTS, row, strict=True)]


def made(status: int, *, valid: bool = True) -> Exchange:
    answer = Answer(status, (), b"") if status else None
    return Exchange("a", Request("make", {}), valid, answer, None if status else "no connection")


@pytest.mark.parametrize(("status", "want", "said"), CELLS)
def test_ruling(status: int, want: Want, said: str) -> None:
    assert ruling(want, made(status), times=1).value == said


def test_the_table_has_a_cell_for_everything() -> None:
    assert set(WANTS) == set(Want)
    assert {each: set(row) for each, row in TABLE.items()} == {each: set(Want) for each in Reply}


def test_each_kind_of_reply_comes_up() -> None:
    assert {reply(made(status)) for status, _ in ROWS} == set(Reply)


@pytest.mark.parametrize(("status", "row"), ROWS)
def test_a_random_request_fails_where_a_planned_one_does(status: int, row: tuple[str, str, str, str]) -> None:
    assert fails(made(status)) is (row[0] == F)
    assert fails(made(status, valid=False)) is (row[1] == F)

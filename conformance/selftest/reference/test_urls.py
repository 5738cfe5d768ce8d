"""The URL of an image says how it is drawn: any server draws the same from it, and none is fooled."""

import base64
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import attrs
import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.reference import Limits
from conformance.reference.folder import Folder
from conformance.reference.names import read_name
from conformance.reference.store import Shelf
from conformance.selftest.reference.server import (
    CORRECT,
    app_with,
    contents,
    edit,
    generate,
    images,
    png,
    refusal,
    send,
    vary,
)

Ask: TypeAlias = Callable[..., httpx.Response]
NOW = 1000.0
FILES = "/images/files/"


def url(answer: httpx.Response) -> str:
    """Take the only URL out of an answer."""
    (item,) = images(answer)
    return item["url"]


def name(answer: httpx.Response) -> str:
    """Take the name of the file out of the only URL of an answer."""
    return url(answer).rpartition("/")[2].removesuffix(".png")


def bytes_of(text: str) -> bytearray:
    """Read what a name holds."""
    return bytearray(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def text_of(content: bytes | bytearray) -> str:
    """Write a name."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def stopped() -> float:
    """Stand in for a clock."""
    return NOW


@pytest.mark.parametrize("ask", [generate, edit, vary])
def test_an_image_is_drawn_when_its_url_is_fetched_and_is_the_same_as_base64(ask: Ask) -> None:
    (by_url,) = contents(ask())
    (item,) = images(ask(response_format="b64_json"))
    assert base64.b64decode(item["b64_json"]) == by_url


def test_nothing_is_drawn_before_it_is_fetched() -> None:
    drawn: list[int] = []

    def draw(_: object, index: int) -> bytes:
        drawn.append(index)
        return b""

    app = app_with(draw=draw)
    answer = generate(app, n=3)
    assert not drawn
    contents(answer, app)
    assert drawn == [0, 1, 2]


def test_another_server_draws_the_same_generation() -> None:
    for fields in ({}, {"quality": "hd", "model": "m"}, {"style": "natural", "model": "m"}, {"n": 3}):
        answer = generate(**fields)
        assert contents(answer, app_with()) == contents(answer)


@pytest.mark.parametrize("ask", [edit, vary])
def test_an_upload_is_known_only_where_it_was_sent(ask: Ask) -> None:
    answer = ask()
    assert contents(answer)
    refusal(send(app_with(), "GET", url(answer)), 404)


def test_a_url_tells_nothing_of_the_prompt_and_cannot_be_guessed() -> None:
    app = app_with(clock=stopped)
    assert name(generate(app)) == name(generate(app))
    seeds = {bytes(bytes_of(name(generate(app, prompt=f"{number}"))))[2:18] for number in range(20)}
    assert len(seeds) == 20
    assert all(len(seed) * 8 == 128 for seed in seeds)


def test_a_url_is_as_short_with_a_long_prompt() -> None:
    assert len(url(generate(prompt="otter " * 150))) == len(url(generate())) < 100


@pytest.mark.parametrize(
    "made_up",
    ["", "x", "gone", "A" * 46, "A" * 44, "=" * 46, "é" * 46, "%00", "A" * 5000, "..", "-_-_", "a/b"],
    ids=repr,
)
def test_a_name_that_is_made_up_is_unknown(made_up: str) -> None:
    refusal(send(CORRECT, "GET", f"{FILES}{made_up}.png"), 404)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (0, b"\0"),
        (0, b"\2"),
        (1, b"\3"),
        (1, b"\x40"),
        (1, b"\xff"),
        (1, b"\x10"),
        (1, b"\x20"),
        (18, b"\0\0"),
        (18, b"\xff\xff"),
        (20, b"\x10\x01"),
        (24, b"\0\1"),
        (26, b"\xff" * 8),
        (26, b"\0" * 8),
    ],
    ids=repr,
)
def test_a_name_that_is_changed_is_unknown(place: int, value: bytes) -> None:
    answer = generate()
    content = bytes_of(name(answer))
    assert send(CORRECT, "GET", f"{FILES}{text_of(content)}.png").status_code == 200
    content[place : place + len(value)] = value
    refusal(send(CORRECT, "GET", f"{FILES}{text_of(content)}.png"), 404)


@given(st.one_of(st.text(max_size=120), st.binary(max_size=80).map(text_of)))
@settings(max_examples=200, derandomize=True, database=None, deadline=None)
def test_any_name_is_read_without_failing(text: str) -> None:
    read_name(text, NOW, Limits())


@given(st.binary(min_size=34, max_size=34), st.integers(0, 33))
@settings(max_examples=300, derandomize=True, database=None, deadline=None)
def test_whatever_a_name_holds_is_within_the_limits(noise: bytes, kept: int) -> None:
    content = bytes_of(name(generate(app_with(clock=stopped))))
    content[kept:] = noise[kept:]
    found = read_name(text_of(content), NOW, Limits())
    if found is not None:
        assert max(found.order.size) <= Limits().side
        assert NOW < found.until <= NOW + 3660


def test_a_query_behind_a_url_changes_nothing() -> None:
    answer = generate()
    assert send(CORRECT, "GET", url(answer) + "?download=1").content == contents(answer)[0]


def test_the_uploads_are_kept_within_their_budget_the_newest_first() -> None:
    files = [png((64, 64), colour=(number, 0, 0, 0)) for number in range(4)]
    app = app_with(limits=Limits(store_bytes=(len(files[0]) + 512) * 5 // 2))
    urls = [url(vary(app, image=file)) for file in files]
    assert [send(app, "GET", one).status_code for one in urls] == [404, 404, 200, 200]


def test_an_upload_is_kept_once_however_many_images_are_made_of_it() -> None:
    file = png((64, 64))
    app = app_with(limits=Limits(store_bytes=len(file) + 512))
    answers = [vary(app, image=file, n="10"), edit(app, image=file, n="2"), edit(app, image=file, prompt="another")]
    assert [len(contents(answer, app)) for answer in answers] == [10, 2, 1]
    assert all(send(app, "GET", item["url"]).is_success for answer in answers for item in images(answer))


@attrs.define
class Clock:
    """A clock that a test sets forward."""

    now: float

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize("ask", [generate, edit, vary])
def test_a_url_is_valid_for_60_minutes(ask: Ask) -> None:
    clock = Clock(NOW)
    app = app_with(clock=clock)
    found = url(ask(app))
    clock.now += 3599.9
    assert send(app, "GET", found).status_code == 200
    clock.now += 0.1
    refusal(send(app, "GET", found), 404)


def test_what_lies_in_a_folder_is_there_for_all_who_share_it(tmp_path: Path) -> None:
    one, other = (Folder(10**6, tmp_path, 2) for _ in range(2))
    one.put("a", b"first", 10.0)
    assert other.get("a", 9.9) == b"first"
    assert other.get("b", 9.9) is None
    other.put("a", b"first", 20.0)
    assert one.get("a", 19.9) == b"first"
    assert one.get("a", 20.0) is None


def test_a_folder_stays_within_its_budget_and_keeps_the_newest(tmp_path: Path) -> None:
    budget, size = 64 * 4096, 4096
    sharers = [Folder(budget, tmp_path, 2) for _ in range(2)]
    for number in range(200):
        sharers[number % 2].put(f"{number}", bytes(size), float(number))
        assert sum(file.stat().st_size for file in tmp_path.iterdir()) <= budget
    kept = sorted(int(file.name) for file in tmp_path.iterdir())
    assert kept == list(range(200 - len(kept), 200))
    assert len(kept) >= 8


def test_a_shelf_counts_what_a_content_takes_beside_its_bytes() -> None:
    shelf = Shelf(5120)
    for number in range(100):
        shelf.put(f"{number}", b"", 1.0)
    assert [shelf.get(f"{number}", 0.0) for number in (89, 90, 99)] == [None, b"", b""]

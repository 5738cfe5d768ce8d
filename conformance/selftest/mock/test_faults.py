"""Faults on demand, as an author of a client meets them: through the ``openai`` package, over real connections."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import openai
import pytest

from conformance.mock.running import ImagesMock, running
from conformance.selftest.reference.server import PROMPT, SMALL, png

_QUICK = 0.02


@pytest.fixture(scope="module")
def mock() -> Iterator[ImagesMock]:
    with running() as mock:
        yield mock


@pytest.fixture(autouse=True)
def fresh(mock: ImagesMock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget what other tests asked, and shorten the pauses of the package between its attempts."""
    mock.clear()
    monkeypatch.setattr("openai._base_client.INITIAL_RETRY_DELAY", _QUICK)


@pytest.fixture
def client(mock: ImagesMock) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=mock.url, api_key=mock.key, max_retries=2, timeout=20) as client:
        yield client


def generate(client: openai.OpenAI, fault: str | None = None, **fields: Any) -> Any:  # noqa: ANN401 - as the package has it
    ask: Any = client.images.generate
    headers = None if fault is None else {"x-mock-fault": fault}
    return ask(**({"prompt": PROMPT, "size": SMALL} | fields), extra_headers=headers)


def statuses(mock: ImagesMock) -> list[int | None]:
    return [asked.status for asked in mock.requests]


def test_429_ends_after_so_many_times_and_the_client_succeeds(client: openai.OpenAI, mock: ImagesMock) -> None:
    for _ in range(2):  # the same call meets the same again
        answer = generate(client, "429=0.02 x2")
        assert answer._request_id == mock.requests[-1].request_id  # noqa: SLF001 - the package's documented way
    assert statuses(mock) == [429, 429, 200] * 2
    assert [asked.headers["x-stainless-retry-count"] for asked in mock.requests] == ["0", "1", "2"] * 2
    assert all(asked.fields["prompt"] == PROMPT for asked in mock.requests)


def test_429_without_end_is_a_rate_limit_error(client: openai.OpenAI, mock: ImagesMock) -> None:
    with pytest.raises(openai.RateLimitError) as caught:
        generate(client, "429=0.02")
    assert caught.value.code == "rate_limit_exceeded"
    assert caught.value.response.headers["retry-after"] == "1"
    assert caught.value.response.headers["retry-after-ms"] == "20"
    assert statuses(mock) == [429] * 3


def test_500_is_tried_again(client: openai.OpenAI, mock: ImagesMock) -> None:
    mock.fail_next("500")
    assert generate(client).data
    with pytest.raises(openai.InternalServerError) as caught:
        generate(client, "500")
    assert (caught.value.status_code, caught.value.type) == (500, "server_error")
    assert statuses(mock) == [500, 200, 500, 500, 500]


def test_502_is_html(client: openai.OpenAI, mock: ImagesMock) -> None:
    with pytest.raises(openai.InternalServerError) as caught:
        generate(client, "502")
    assert caught.value.response.headers["content-type"] == "text/html"
    assert "502 Bad Gateway" in caught.value.response.text
    assert statuses(mock) == [502] * 3


@pytest.mark.parametrize(
    ("fault", "code"),
    [("content-policy", "content_policy_violation"), ("billing-limit", "billing_hard_limit_reached")],
)
def test_a_refusal_is_not_tried_again(client: openai.OpenAI, mock: ImagesMock, fault: str, code: str) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        generate(client, fault)
    assert (caught.value.code, caught.value.param, caught.value.type) == (code, None, "invalid_request_error")
    assert statuses(mock) == [400]


def test_latency_runs_into_the_timeout(client: openai.OpenAI, mock: ImagesMock) -> None:
    started = time.monotonic()
    with pytest.raises(openai.APITimeoutError):
        generate(client.with_options(timeout=0.2, max_retries=1), "latency=60")
    assert generate(client, "latency=0.3 x1").data
    assert 0.6 <= time.monotonic() - started < 30
    assert [asked.fault for asked in mock.requests] == ["latency=60", "latency=60", "latency=0.3 x1"]


def test_a_slow_body_comes_in_pieces(client: openai.OpenAI, mock: ImagesMock) -> None:
    with pytest.raises(openai.APITimeoutError):
        generate(client.with_options(timeout=0.2, max_retries=0), "slow-body=600", response_format="url")
    started = time.monotonic()
    assert generate(client, "slow-body=0.2", response_format="b64_json").data[0].b64_json
    assert time.monotonic() - started >= 0.15
    with httpx.stream("POST", f"{mock.url}/images/generations", json={"prompt": "a"}, headers=headers(mock)) as answer:
        assert len(list(answer.iter_raw())) > 1


def headers(mock: ImagesMock) -> dict[str, str]:
    return {"Authorization": f"Bearer {mock.key}", "x-mock-fault": "slow-body=0.2"}


@pytest.mark.parametrize("fault", ["cut-off", "reset"])
def test_a_broken_connection_is_tried_again(client: openai.OpenAI, mock: ImagesMock, fault: str) -> None:
    mock.fail_next(f"{fault} x2")
    assert generate(client).data
    with pytest.raises(openai.APIConnectionError) as caught:
        generate(client, fault)
    assert not isinstance(caught.value, openai.APITimeoutError)
    assert statuses(mock) == [None if fault == "reset" else 200] * 2 + [200] + [None if fault == "reset" else 200] * 3


@pytest.mark.parametrize(
    ("fault", "status", "code"), [("expired-url", 403, "AuthenticationFailed"), ("missing-url", 404, "BlobNotFound")]
)
def test_the_url_of_an_image_is_dead(
    client: openai.OpenAI, mock: ImagesMock, fault: str, status: int, code: str
) -> None:
    mock.fail_next(fault)
    dead, good = (generate(client, n=2).data for _ in range(2))
    for item in dead:
        answer = httpx.get(item.url)
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/xml")
        assert f"<Code>{code}</Code>" in answer.text
    assert all(httpx.get(item.url).is_success for item in good)
    assert httpx.get(good[0].url, headers={"x-mock-fault": fault}).status_code == status
    assert generate(client, fault, response_format="b64_json").data[0].b64_json


@pytest.mark.parametrize("count", [0, 1, 5])
def test_the_number_of_images_is_wrong(client: openai.OpenAI, count: int) -> None:
    assert len(generate(client, f"images={count}", n=2).data) == count


def test_faults_can_be_put_together(client: openai.OpenAI) -> None:
    started = time.monotonic()
    with pytest.raises(openai.InternalServerError):
        generate(client.with_options(max_retries=0), "latency=0.2, 500")
    assert time.monotonic() - started >= 0.15


def test_an_upload_has_faults_too(client: openai.OpenAI, mock: ImagesMock) -> None:
    mock.fail_next("429=0.02")
    mock.fail_next("reset")
    assert client.images.edit(image=png(), prompt=PROMPT, size=SMALL).data
    assert statuses(mock) == [429, None, 200]
    assert {asked.files["image"][0].sha256 for asked in mock.requests} == {mock.requests[0].files["image"][0].sha256}


def test_labels_tell_calls_apart_that_run_side_by_side(client: openai.OpenAI, mock: ImagesMock) -> None:
    def call(number: int) -> None:
        generate(client, f"429=0.02 x2 # call {number}")

    threads = [threading.Thread(target=call, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    by_fault = {f"# call {number}": 0 for number in range(4)}
    for asked in mock.requests:
        for label in by_fault:
            by_fault[label] += label in (asked.fault or "")
    assert by_fault == dict.fromkeys(by_fault, 2)
    assert statuses(mock).count(200) == 4


def test_what_can_not_be_read_is_told(client: openai.OpenAI, mock: ImagesMock) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        generate(client, "4299")
    assert caught.value.param == "x-mock-fault"
    assert "x-mock-fault: there is no fault '4299'; there are 429, 500" in caught.value.message
    with pytest.raises(ValueError, match="there is no fault"):
        mock.fail_next("nothing")


def test_only_operations_have_a_fault_that_is_ordered(client: openai.OpenAI, mock: ImagesMock) -> None:
    mock.fail_next("500")
    assert [model.id for model in client.models.list()] == ["dall-e-2", "dall-e-3"]
    mock.clear()
    assert generate(client).data
    assert statuses(mock) == [200]

"""A run that can't be made says why in one sentence, and no run says a secret."""

import json
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from attrs import evolve

from conformance.reference import Behaviour
from conformance.selftest.suite.runs import KEY, TARGET, always, correct, outcomes, run_on, settings, status
from conformance.suite import run
from conformance.suite.exchange import recording
from conformance.suite.images import IMAGES
from conformance.suite.report import record, report
from conformance.suite.run import CouldNotRun
from conformance.suite.settings import Target

Handler = Callable[[httpx.Request], httpx.Response]


def refuse_connections(_: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError(f"refused {KEY}")


def hang_up(request: httpx.Request) -> httpx.Response:
    raise httpx.RemoteProtocolError(f"no answer to {request.method}")


@pytest.mark.parametrize(
    ("transport", "message"),
    [
        (always(refuse_connections), r"no connection to http://reference\.test/v1"),
        (always(hang_up), "gave no answer that can be judged"),
        (status(401), "refuses the key in OPENAI_API_KEY"),
        (status(403), "refuses the key in OPENAI_API_KEY"),
    ],
)
def test_a_server_that_can_not_be_tested(transport: httpx.MockTransport, message: str) -> None:
    with pytest.raises(CouldNotRun, match=message) as caught:
        run_on(transport, settings("createImage/n/maximum"))
    assert KEY not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("code", [401, 403])
def test_a_refused_key_is_not_tried_often(code: int) -> None:
    """Some servers lock out whoever comes with a wrong key again and again."""
    sent: list[str] = []

    def respond(request: httpx.Request) -> httpx.Response:
        sent.append(request.method)
        return httpx.Response(code, json={"error": {"message": f"Wrong key {KEY}."}})

    with pytest.raises(CouldNotRun, match=rf"refuses the key in OPENAI_API_KEY \(status {code}: .*Wrong key REDACTED"):
        run_on(always(respond))
    assert sent.count("POST") <= 3


def test_a_server_that_never_answers_is_not_waited_for_long() -> None:
    sent: list[str] = []

    def hang(request: httpx.Request) -> httpx.Response:
        sent.append(request.method)
        raise httpx.ReadTimeout("slow", request=request)

    with pytest.raises(CouldNotRun, match=r"answered no request at all: no answer within 180 s; --timeout gives it"):
        run_on(always(hang))
    assert sent.count("POST") <= 3


def test_a_server_that_answers_late_at_first_is_waited_for() -> None:
    sent: list[str] = []

    def late(request: httpx.Request) -> httpx.Response:
        sent.append(request.method)
        if sent.count("POST") == 1:
            raise httpx.ReadTimeout("slow", request=request)
        return httpx.Response(400)

    assert outcomes(run_on(always(late), settings("createImageEdit/accepted")))["createImageEdit/accepted"] == "fail"


def test_a_key_that_one_operation_takes_is_not_refused() -> None:
    def respond(request: httpx.Request) -> httpx.Response:
        return httpx.Response(400 if "generations" in request.url.path else 403)

    made = run_on(always(respond), settings("*/accepted"))
    assert outcomes(made)["createImage/accepted"] == "fail"


def test_a_server_that_wants_a_key() -> None:
    without = evolve(settings("createImage/n/maximum"), target=Target(TARGET.url))
    with pytest.raises(CouldNotRun, match="set OPENAI_API_KEY"):
        run_on(status(401), without)


def test_a_recording_is_kept_of_a_run_that_could_not_be_judged(tmp_path: Path) -> None:
    path = tmp_path / "recording.ndjson"
    with pytest.raises(CouldNotRun):
        run_on(status(401), settings("createImage/n/maximum"), path)
    assert len(path.read_text(encoding="utf-8").splitlines()) > 1


def test_a_server_that_asks_for_no_key_is_told_so() -> None:
    def respond(request: httpx.Request) -> httpx.Response:
        body: dict[str, object] = json.loads(request.content or b"{}")
        return httpx.Response(200 if "prompt" in body else 400, json={"created": 1, "data": []})

    made = outcomes(run_on(always(respond), settings("createImage/security", "createImage/prompt/required")))
    assert made == {"createImage/security": "unsupported", "createImage/prompt/required": "pass"}


def echo(secret: str) -> Handler:
    """Repeat a secret wherever an answer has room for it, and accept or refuse at will."""
    refused = {"error": {"message": f"bad key {secret}", "type": secret, "param": None, "code": secret}}
    taken = {"created": secret, "data": [{"url": f"http://i.test/{secret}", "revised_prompt": secret}], secret: secret}

    def respond(request: httpx.Request) -> httpx.Response:
        code = 200 if b'"prompt"' in request.content else 400
        headers = {"x-key": secret, "content-type": f"text/{secret}"}
        return httpx.Response(code, headers=headers, json=taken if code == 200 else refused)

    return respond


@pytest.mark.parametrize("secret", [KEY, "route%2F%20secret", "route/ secret"])
def test_an_echoed_secret_is_kept_nowhere(secret: str, tmp_path: Path) -> None:
    target = Target(TARGET.url, KEY, {"!x-route": "route/ secret"})
    chosen = evolve(settings("createImage/*"), target=target, out=tmp_path)
    made = run_on(always(echo(secret)), chosen, tmp_path / "recording.ndjson")
    built = report.build(made)
    record.write(built, tmp_path)
    assert built["outcome"] == "fail"
    for path in tmp_path.rglob("*"):
        assert path.is_dir() or secret.encode() not in path.read_bytes()
    assert "REDACTED" in (tmp_path / "report.json").read_text(encoding="utf-8")
    for exchange in recording.read(tmp_path / "recording.ndjson").exchanges.values():
        assert exchange.answer is not None
        assert secret.encode() not in exchange.answer.body
        assert secret not in f"{exchange.answer.headers} {exchange.fetches}"


def test_prepare_plans_what_is_selected() -> None:
    made = run.prepare(settings("createImage/n/maximum"), IMAGES)
    assert [rule.id for rule in made.rules] == ["createImage/n/maximum"]
    assert len(made.plan.least()) > 0


def test_received_counts_images_of_accepted_requests() -> None:
    received = report.received(IMAGES, list(correct().recording.exchanges.values()))
    assert received >= correct().images_requested


@pytest.mark.parametrize("images", [1, 3])
def test_an_image_budget_blocks_rather_than_fails(images: int) -> None:
    chosen = settings("createImage/*")
    chosen = evolve(chosen, limits=evolve(chosen.limits, images=images))
    made = run_on(Behaviour(), chosen)
    assert made.images_requested <= images
    assert "fail" not in outcomes(made).values()
    assert any("budget" in verdict.message for verdict in made.verdicts)

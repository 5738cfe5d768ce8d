"""What a server shows unasked: the models that it names, and that the base URL lacks its end."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from conformance.selftest.suite.runs import KEY, by_rule, prepared
from conformance.suite import run
from conformance.suite.exchange import recording
from conformance.suite.images import IMAGES
from conformance.suite.report.report import Result
from conformance.suite.sending import discovery
from conformance.suite.settings import Settings, Target
from conformance.suite.verdicts.verdict import Outcome

ROOT = "http://images.test"
NO_MODEL = {"error": {"message": "There is no such model."}}
IMAGE = {"created": 1, "data": [{"url": "data:,"}]}
NOWHERE = httpx.Response(404, json={"detail": "Not Found"})


def listing(*names: object) -> httpx.Response:
    return httpx.Response(200, json={"object": "list", "data": [{"id": name, "object": "model"} for name in names]})


class Server:
    """Answers by path and method, and remembers what it was asked."""

    def __init__(self, answers: dict[tuple[str, str], httpx.Response], other: httpx.Response = NOWHERE) -> None:
        """Take the answers, and that to everything else."""
        self.answers, self.other = answers, other
        self.asked: list[tuple[str, str]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append((request.method, request.url.path))
        return self.answers.get(self.asked[-1], self.other)


def made(
    server: Callable[[httpx.Request], httpx.Response],
    url: str = f"{ROOT}/v1",
    model: str | None = None,
    record: Path | None = None,
) -> Result:
    only = ("createImage/accepted", "createImage/style/enum", "createImageEdit/accepted")
    chosen = Settings(Target(url, KEY), model=model, only=only, examples=0)
    about = prepared(only, model)
    return asyncio.run(run.run(chosen, about, transport=httpx.MockTransport(server), record=record))


def naming(models: httpx.Response, status: int = 404) -> Server:
    return Server({("GET", "/v1/models"): models}, httpx.Response(status, json=NO_MODEL))


# The models that a server names


@pytest.mark.parametrize(
    ("names", "hint"),
    [
        (["flux-1"], "; the server names flux-1: pass MODEL=flux-1"),
        (["flux-1", "sdxl"], "; the server names flux-1, sdxl: pass one of them as MODEL"),
        (list("abcdefg"), "; the server names a, b, c, d, e and 2 more: pass one of them as MODEL"),
        (["a b", "x\n", 7, None, "", "e" * 101, "flux-1"], "; the server names flux-1: pass MODEL=flux-1"),
        (["flux-1", "dall-e-2"], "; if the server has models of its own, name one with MODEL"),
        ([], "; if the server has models of its own, name one with MODEL"),
        ([f"m-{KEY}"], "; the server names m-REDACTED: pass MODEL=m-REDACTED"),
    ],
)
def test_the_models_that_a_server_names(names: list[object], hint: str) -> None:
    found = by_rule(made(naming(listing(*names))))
    for rule in ("createImage/accepted", "createImageEdit/accepted"):
        assert found[rule].outcome is Outcome.UNSUPPORTED
        assert found[rule].message == f"the server does not offer this operation (status 404){hint}"


@pytest.mark.parametrize("names", [["flux-1"], []])
def test_a_refusal_that_is_no_missing_operation(names: list[object]) -> None:
    message = by_rule(made(naming(listing(*names), 400)))["createImage/accepted"].message
    assert message.startswith("no valid request was accepted, one got status 400")
    assert message.endswith("pass MODEL=flux-1" if names else "name one with MODEL")


def test_a_model_that_was_given_is_not_hinted_at() -> None:
    message = by_rule(made(naming(listing("flux-1"), 400), model="sdxl"))["createImage/accepted"].message
    assert message.endswith("; if the server has models of its own, name one with MODEL")


def test_a_server_error_is_no_question_of_models() -> None:
    assert "MODEL" not in by_rule(made(naming(listing("flux-1"), 500)))["createImage/accepted"].message


@pytest.mark.parametrize(
    "models",
    [
        NOWHERE,
        httpx.Response(401, json={}),
        httpx.Response(500, json={"data": [{"id": "flux-1"}]}),
        httpx.Response(200, text="<html>"),
        httpx.Response(200, content=b"[" * 100_000),
        httpx.Response(200, content=b" " * 2_000_000 + b'{"data": [{"id": "flux-1"}]}'),
        *(httpx.Response(200, text=said) for said in ("[]", "1", "null", '{"data": 1}', '{"data": [1, {"id": [1]}]}')),
    ],
)
def test_what_is_no_list_of_models_says_nothing(models: httpx.Response) -> None:
    result = made(naming(models, 400))
    assert result.recording.header.offered == ()
    assert by_rule(result)["createImage/accepted"].message.endswith("name one with MODEL")


def test_a_list_that_does_not_come_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discovery, "_SECONDS", 0.05)

    async def respond(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            await asyncio.sleep(60)
        return httpx.Response(200, json=IMAGE)

    chosen = Settings(Target(f"{ROOT}/v1"), only=("createImage/accepted",), examples=0)
    result = asyncio.run(run.run(chosen, prepared(chosen.only, None), transport=httpx.MockTransport(respond)))
    assert result.verdicts[0].outcome is Outcome.PASS


def test_a_recording_knows_the_models_and_gives_the_same_words(tmp_path: Path) -> None:
    result = made(naming(listing("flux-1", f"m-{KEY}"), 400), record=tmp_path / "recording.ndjson")
    kept = recording.read(tmp_path / "recording.ndjson", IMAGES.contents)
    assert kept.header.offered == ("flux-1", "m-REDACTED")
    assert run.judge(result.prepared, kept) == result.verdicts
    assert KEY not in (tmp_path / "recording.ndjson").read_text(encoding="utf-8")


def test_the_list_is_asked_for_once_and_counts_for_nothing() -> None:
    server = Server({}, httpx.Response(200, json=IMAGE))
    result = made(server)
    assert server.asked[:2] == [("HEAD", "/v1"), ("GET", "/v1/models")]
    assert [method for method, _ in server.asked].count("GET") == 1
    assert result.requests == len(server.asked) - 2
    assert all(exchange.request.operation for exchange in result.recording.exchanges.values())


# A base URL without its end


@pytest.mark.parametrize(
    ("page", "wrong_method", "posts"),
    [(NOWHERE, 405, False), (httpx.Response(200, html="<html>"), 405, False), (NOWHERE, 404, True)],
)
def test_a_base_url_that_lacks_its_end(page: httpx.Response, wrong_method: int, *, posts: bool) -> None:
    answers = {
        ("GET", "/v1/models"): listing("flux-1"),
        ("GET", "/v1/images/generations"): httpx.Response(wrong_method, json={}),
    }
    server = Server(answers, page)
    with pytest.raises(run.CouldNotRun) as caught:
        made(server, ROOT)
    assert str(caught.value) == f"nothing that is to be checked is found at {ROOT}; did you mean {ROOT}/v1?"
    # Where a wrong method looks like a path that is not there, the requests themselves must show it.
    assert any(method == "POST" for method, _ in server.asked) is posts


@pytest.mark.parametrize("answers", [{}, {("GET", "/v1/models"): listing("flux-1")}])
def test_a_server_whose_operations_are_there_all_the_same(answers: dict[tuple[str, str], httpx.Response]) -> None:
    answers |= {("POST", "/images/generations"): httpx.Response(200, json=IMAGE)}
    assert by_rule(made(Server(answers), ROOT))["createImage/accepted"].outcome is Outcome.PASS


def test_a_model_that_is_not_found_is_no_lack_in_the_url() -> None:
    message = by_rule(made(Server({}, httpx.Response(404, json=NO_MODEL)), ROOT))["createImage/accepted"].message
    assert message.startswith("the server does not offer this operation (status 404)")


@pytest.mark.parametrize("url", [f"{ROOT}/v1", f"{ROOT}/api/v3", f"{ROOT}/openai/V1beta"])
def test_a_url_with_a_version_lacks_nothing(url: str) -> None:
    verdicts = made(Server({}), url).verdicts
    assert {verdict.outcome for verdict in verdicts} == {Outcome.UNSUPPORTED}


def test_nothing_hidden_is_told_of_the_url() -> None:
    chosen = Settings(Target(f"{ROOT}/{KEY}", KEY), only=("createImage/accepted",), examples=0)
    with pytest.raises(run.CouldNotRun) as caught:
        asyncio.run(run.run(chosen, prepared(chosen.only, None), transport=httpx.MockTransport(Server({}))))
    assert KEY not in str(caught.value)
    assert json.dumps(str(caught.value)).count("REDACTED") == 2

"""The command line becomes settings, or one sentence."""

from pathlib import Path

import pytest

from conformance.suite import command
from conformance.suite.options import parse
from conformance.suite.rules.rule import Level
from conformance.suite.run import CouldNotRun
from conformance.suite.settings import Limits, Settings, Target, UsageError, check_url, parse_headers, parse_models

URL = "http://127.0.0.1:8000/v1"


def test_everything() -> None:
    arguments = [URL, "--model", "own", "--models", "dall-e-2=a, dall-e-3=b", "--only", "createImage/*, *edit*"]
    arguments += ["--level", "core", "--images", "9", "--concurrency", "4", "--timeout", "1.5", "--examples", "0"]
    arguments += [
        "--seed",
        "7",
        "--out",
        "there",
        "--known",
        "known.toml",
        "--judge",
        "old.ndjson",
        "--plan",
        "--rules",
    ]
    options = parse(arguments, {"OPENAI_API_KEY": "sk-a", "IMAGES_HEADERS": "X-A: b; x-c: d: e"})
    assert options.settings == Settings(
        Target(URL, "sk-a", {"X-A": "b", "x-c": "d: e"}),
        model="own",
        models={"dall-e-2": "a", "dall-e-3": "b"},
        only=("createImage/*", "*edit*"),
        level=Level.CORE,
        limits=Limits(seconds=1.5, concurrency=4, images=9, requests=400),
        examples=0,
        seed=7,
        out=Path("there"),
        known=Path("known.toml"),
    )
    assert options.settings.target.headers == {"X-A": "b", "x-c": "d: e"}
    assert (options.embedded, options.plan, options.rules, options.judge) == (False, True, True, Path("old.ndjson"))


@pytest.mark.parametrize(
    ("arguments", "environment", "url"),
    [
        ([], {}, ""),
        ([], {"OPENAI_BASE_URL": URL}, URL),
        ([URL], {"OPENAI_BASE_URL": ""}, URL),
        (["https://other.test/v1/"], {"OPENAI_BASE_URL": URL}, "https://other.test/v1"),
    ],
)
def test_target(arguments: list[str], environment: dict[str, str], url: str) -> None:
    options = parse(arguments, environment)
    assert (options.settings.target.url, options.embedded) == (url, not url)


@pytest.mark.parametrize(
    ("arguments", "environment"),
    [([""], {}), ([" \t"], {}), ([""], {"OPENAI_BASE_URL": URL}), ([], {"OPENAI_BASE_URL": ""})],
)
def test_an_empty_url_is_not_the_embedded_server(arguments: list[str], environment: dict[str, str]) -> None:
    with pytest.raises(UsageError, match=r"^the URL is empty; set it, or leave URL out .*\.$"):
        parse(arguments, environment)


def test_the_embedded_server_gets_no_secret() -> None:
    target = parse([], {"OPENAI_API_KEY": "sk-a", "IMAGES_HEADERS": "a: b"}).settings.target
    assert target.secrets == ()


@pytest.mark.parametrize(
    "arguments",
    [
        ["--no-such"],
        ["--mod", "a"],
        [URL, URL],
        ["--level", "low"],
        ["--images", "0"],
        ["--images", "-1"],
        ["--images", "many"],
        ["--concurrency", "0"],
        ["--concurrency", "1.5"],
        ["--timeout", "0"],
        ["--timeout", "nan"],
        ["--timeout", "inf"],
        ["--timeout", "-1"],
        ["--examples", "-1"],
        ["--seed", "x"],
        ["--models", "dall-e-2"],
        ["--models", "=a"],
        ["--models", "dall-e-2="],
        ["--only"],
    ],
)
def test_a_bad_argument_is_refused_in_one_sentence(arguments: list[str]) -> None:
    with pytest.raises(UsageError, match=r"^[^\n]+$"):
        parse(arguments, {})


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8000/v1",
        "https://images.test",
        "http://[::1]:8080/v1",
        "HTTP://Images.Test/openai/deployments/a b/",
    ],
)
def test_a_base_url(url: str) -> None:
    assert check_url(url) == url.rstrip("/")


@pytest.mark.parametrize(
    "url",
    [
        "images.test/v1",
        "ftp://images.test",
        "http://",
        "http:///v1",
        "http://h:port/v1",
        "http://h:99999",
        "http://[::1/v1",
        "localhost:8000/v1",
        "/v1",
        "http://h/v1?a=b",
        "http://h/v1#a",
        "http://user@h/v1",
        "http://user:pass@h/v1",
    ],
)
def test_a_bad_url_is_refused_in_one_sentence(url: str) -> None:
    with pytest.raises(UsageError, match=r"^[^\n]+\.$"):
        check_url(url)


def test_a_password_in_the_url_is_not_repeated() -> None:
    with pytest.raises(UsageError, match="user name or password") as caught:
        check_url("http://user:hunter2@images.test/v1")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "headers"),
    [("", {}), (" ; ", {}), ("a: b", {"a": "b"}), ("a:b;c:", {"a": "b", "c": ""}), ("a: b: c;", {"a": "b: c"})],
)
def test_headers(text: str, headers: dict[str, str]) -> None:
    assert parse_headers(text) == headers


@pytest.mark.parametrize("text", ["secret", ": secret", "a b: secret", "a: b; secret", "a: secr\xe9t", "a: b\rsecret"])
def test_bad_headers_are_refused_without_repeating_a_value(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_headers(text)
    assert "secr" not in str(caught.value)


@pytest.mark.parametrize("key", ["sk a", "sk-\n", "sk-\xe9", "\x00"])
def test_a_key_that_no_header_can_carry_is_refused_without_repeating_it(key: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse([URL], {"OPENAI_API_KEY": key})
    assert key not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "models"), [("", {}), ("a=b", {"a": "b"}), (" a = b , c=d=e ,", {"a": "b", "c": "d=e"})]
)
def test_models(text: str, models: dict[str, str]) -> None:
    assert parse_models(text) == models


@pytest.mark.parametrize(
    ("arguments", "images", "bounded"),
    [
        (["http://127.0.0.1:1/v1"], None, False),
        (["http://localhost/v1"], None, False),
        ([], None, False),
        (["https://images.example/v1"], 24, True),
        (["https://images.example/v1", "--images", "48"], 48, False),
        (["https://images.example/v1", "--images", "all"], None, False),
        (["http://127.0.0.1:1/v1", "--images", "all"], None, False),
    ],
)
def test_another_machine_gets_a_small_image_budget(arguments: list[str], images: int | None, *, bounded: bool) -> None:
    options = parse(arguments, {})
    assert (options.settings.limits.images, options.bounded) == (images, bounded)


def test_requests_are_bounded() -> None:
    assert parse([], {}).settings.limits.requests == 400
    assert parse(["--requests", "50"], {}).settings.limits.requests == 50


@pytest.mark.parametrize("price", ["-1", "free", "nan", "inf", ""])
def test_a_price_is_a_number(price: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(UsageError, match="is not a price such as"):
        parse(["--plan", f"--price={price}"], {})
    assert not capsys.readouterr().out


def test_a_price_goes_with_a_plan() -> None:
    assert parse(["--plan", "--price", "0.02"], {}).price == 0.02
    with pytest.raises(UsageError, match="give it with --plan"):
        parse(["--price", "0.02"], {})


@pytest.mark.parametrize(("arguments", "told"), [([], True), (["--images", "24"], False), (["--images", "all"], False)])
def test_a_budget_that_nobody_asked_for_is_told_at_the_start(
    arguments: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *,
    told: bool,
) -> None:
    def send_nothing(*_: object) -> None:
        raise CouldNotRun("nothing is sent here.")

    monkeypatch.setattr(command, "_run", send_nothing)
    assert command.main(["http://192.0.2.1/v1", "--out", str(tmp_path), *arguments]) == 2
    assert ("the server may make 24 images, for they may cost money" in capsys.readouterr().err) is told

"""No secret stands in a page, however a server repeats it; and a recording that is judged again gives the same page."""

import base64
import html
import json
import re
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from attrs import evolve

from conformance.reference import create_app
from conformance.selftest.suite.runs import contract, prepared_for, run_on, settings
from conformance.suite import run
from conformance.suite.exchange import recording
from conformance.suite.images import IMAGES
from conformance.suite.report import pages, report
from conformance.suite.report.record import Report
from conformance.suite.report.report import Result
from conformance.suite.settings import Settings, Target

KEY = "sk-selftest-7f3a9c5e1b2d4f60"
ROUTE = "route-5d1e9b7a3c"
DISGUISES = {
    "plain": KEY,
    "escaped": "".join(f"\\u{ord(letter):04x}" for letter in KEY),
    "percent": quote("".join(f"%{ord(letter):02X}" for letter in KEY), safe="%"),
    "HTML": "".join(f"&#{ord(letter)};" for letter in KEY),
    "base64": base64.b64encode(KEY.encode()).decode(),
    "hexadecimal": KEY.encode().hex(),
}
CHOSEN = ("createImage/n/maximum", "createImage/prompt/*", "createImage/response/data/*", "createImage/accepted")


def chosen(out: Path, key: str = KEY) -> Settings:
    target = Target("http://reference.test/v1", key, {"X-Route-Key": ROUTE, "X-Team": "otters"})
    return evolve(settings(*CHOSEN), target=target, out=out)


def echoing(word: str) -> httpx.MockTransport:
    """Answer everything with a success that repeats a word, and the secret header, in every place of an answer."""

    def answer(request: httpx.Request) -> httpx.Response:
        body = json.dumps({"created": 1, "data": [{"url": "http://i.test/@", "revised_prompt": "@"}], "@": ["@"]})
        text = body.replace("@", word).replace("otter", ROUTE)
        headers = {"x-echo": word.replace("\\", ""), "x-route": ROUTE, "content-type": "application/json"}
        return httpx.Response(200 if request.method == "POST" else 404, text=text, headers=headers)

    return httpx.MockTransport(answer)


@pytest.mark.parametrize("name", DISGUISES)
def test_a_secret_that_a_server_repeats_is_not_in_the_page(name: str, tmp_path: Path) -> None:
    made = run_on(echoing(DISGUISES[name]), chosen(tmp_path))
    page = pages.html(report.build(made), made.shown, prepared_for(made))
    assert "The exchange as sent and received" in page
    for text in (page, html.unescape(page), html.unescape(html.unescape(page))):
        assert [form for form in (*DISGUISES.values(), ROUTE) if form in text] == []


def judged_again(made: Result, file: Path) -> tuple[Report, str]:
    kept = recording.read(file, IMAGES.contents)
    target = Target(made.settings.target.url, "", headers=kept.header.headers)
    again = run.result_of(evolve(made.settings, target=target), prepared_for(made), kept)
    built = report.build(again)
    return built, pages.html(built, again.shown, prepared_for(made))


@pytest.mark.parametrize("faulty", [True, False])
def test_a_recording_that_is_judged_again_gives_the_same_page(tmp_path: Path, *, faulty: bool) -> None:
    server = echoing(KEY) if faulty else httpx.ASGITransport(create_app())
    made = run_on(server, chosen(tmp_path), tmp_path / "recording.ndjson")
    built = report.build(made)
    page = pages.html(built, made.shown, prepared_for(made))
    other, again = judged_again(made, tmp_path / "recording.ndjson")
    # How long a run took is known only to itself.
    assert page == pages.html({**other, "seconds": built["seconds"]}, made.shown, prepared_for(made))
    assert re.sub(r"\d+\.\d s; ", "", page) == re.sub(r"\d+\.\d s; ", "", again)


def test_the_command_of_a_run_names_no_secret(tmp_path: Path) -> None:
    made = run_on(echoing("x"), chosen(tmp_path))
    page = pages.html(report.build(made), made.shown, prepared_for(made))
    assert "run again, with OPENAI_API_KEY and IMAGES_HEADERS" in page
    assert contract().sha256[:12] in page
    assert "$X_ROUTE_KEY" in page
    assert "os.environ[&#39;X_ROUTE_KEY&#39;]" in page
    assert ROUTE not in page

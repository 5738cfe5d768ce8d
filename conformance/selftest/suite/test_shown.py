"""A failure tells every case that failed, the worst first, and every finding once."""

import io
import json
from collections.abc import Sequence
from pathlib import Path

import attrs
import httpx
import jsonschema
import pytest
from rich.console import Console

from conformance import CONTRACT
from conformance.mutants import catalogue
from conformance.selftest.suite.runs import correct, page, prepared_for, run_on, settings, status
from conformance.suite import run
from conformance.suite.exchange.recording import Answer, Exchange, Recording
from conformance.suite.report import items, record, report, terminal
from conformance.suite.report.record import Report, VerdictEntry
from conformance.suite.verdicts.verdict import Outcome, Verdict

MALFORMED = "createImage/body/malformed"
CREATED = "createImage/response/created/type"
EMPTY, CUT, ARRAY, STRING = "an empty body", "JSON that is cut off", "a JSON array", "a JSON string"


def judged(rule: str, exchanges: dict[str, Exchange]) -> Verdict:
    """Judge a rule on the correct run with some of its exchanges replaced."""
    made = correct()
    twice = {id_: attrs.evolve(one, before=one) for id_, one in exchanges.items()}
    recording = Recording(made.recording.header, {**made.recording.exchanges, **twice})
    return next(verdict for verdict in run.judge(prepared_for(made), recording) if verdict.rule.id == rule)


def refused_with(*statuses: int) -> Verdict:
    """Judge malformed bodies that got these statuses in turn."""
    cases = prepared_for(correct()).plan.cases[MALFORMED]
    assert [case.what for case in cases] == [EMPTY, CUT, ARRAY, STRING]
    ids = [case.attempts[0].exchange for case in cases]
    exchanges = correct().recording.exchanges
    answers = zip(ids, statuses, strict=True)
    return judged(MALFORMED, {id_: attrs.evolve(exchanges[id_], answer=Answer(s, (), b"No.")) for id_, s in answers})


def answered(*bodies: object, rule: str = CREATED) -> Verdict:
    """Judge a rule, that about the type of ``created``, where the answers to the shortest requests had these bodies."""
    exchanges = [e for e in correct().recording.exchanges.values() if e.accepted and e.valid]
    mine = sorted((e for e in exchanges if e.request.operation == "createImage"), key=lambda e: len(e.request.key))
    changed = zip(mine, bodies, strict=False)
    return judged(
        rule, {e.id: attrs.evolve(e, answer=Answer(200, (), json.dumps(body).encode())) for e, body in changed}
    )


def reported(verdict: Verdict, out: Path) -> Report:
    """Build a report in which this is what became of its rule."""
    made = correct()
    verdicts = tuple(verdict if one.rule.id == verdict.rule.id else one for one in made.verdicts)
    return report.build(attrs.evolve(made, verdicts=verdicts, settings=attrs.evolve(made.settings, out=out)))


def entry(built: Report, rule: str) -> VerdictEntry:
    return next(verdict for verdict in built["verdicts"] if verdict["rule"] == rule)


@pytest.mark.parametrize(
    ("statuses", "order"),
    [
        ((302, 200, 500, 200), [ARRAY, CUT, STRING, EMPTY]),
        ((400, 200, 400, 502), [STRING, CUT]),
        ((200, 200, 200, 200), [EMPTY, CUT, ARRAY, STRING]),
    ],
)
def test_every_case_that_failed_is_told_the_worst_first(statuses: Sequence[int], order: list[str]) -> None:
    verdict = refused_with(*statuses)
    assert (verdict.outcome, [case.what for case in verdict.cases]) == (Outcome.FAIL, order)
    by_case: dict[str, int] = dict(zip((EMPTY, CUT, ARRAY, STRING), statuses, strict=True))
    assert all(str(by_case[case.what]) in case.actual for case in verdict.cases)
    assert verdict.evidence == tuple(case.exchange for case in verdict.cases)
    first = verdict.cases[0]
    assert verdict.message == f"{first.what}: {first.actual} (and {len(order) - 1} more), on 4 samples"
    assert (verdict.actual, verdict.expected) == (first.actual, f"{first.what}: refused with a 4xx")


def test_the_command_is_that_of_the_first_case(tmp_path: Path) -> None:
    failed = entry(reported(refused_with(302, 200, 500, 200), tmp_path), MALFORMED)
    assert failed["evidence"][0] == failed["cases"][0]["exchange"]
    assert """--data-binary '["A cute baby sea otter"]'""" in (failed["curl"] or "")


def test_every_finding_is_told_once_with_the_number_of_answers() -> None:
    verdict = answered({"created": None}, {"created": "now"}, {"created": None}, {"created": []})
    assert verdict.outcome is Outcome.FAIL
    assert [(case.what, case.actual.partition(",")[0]) for case in verdict.cases] == [
        ("in 2 answers", "created is null"),
        ("in 1 answer", 'created is "now"'),
        ("in 1 answer", "created is []"),
    ]
    assert verdict.evidence[0] == verdict.cases[0].exchange
    assert verdict.message.startswith("created is null, which breaks type: integer, in 4 of ")
    assert verdict.left_out == 0


def test_findings_are_told_up_to_a_number() -> None:
    verdict = answered(*({"created": f"{number}"} for number in range(12)))
    assert (len(verdict.cases), verdict.left_out) == (10, 2)


def test_one_finding_about_several_items_is_one() -> None:
    exchange = next(e for e in correct().recording.exchanges.values() if e.accepted and e.valid)
    body = json.dumps({"created": 1, "data": [{"url": 5}, {"url": 5}, {"url": 6}]}).encode()
    verdict = judged(
        "createImage/response/data/items/url/type", {exchange.id: attrs.evolve(exchange, answer=Answer(200, (), body))}
    )
    assert [case.actual.partition(",")[0] for case in verdict.cases] == ["data[0].url is 5", "data[2].url is 6"]
    assert "(and 2 more), in 1 of " in verdict.message


def test_that_an_answer_which_lacks_all_is_an_error_is_told() -> None:
    error = {"error": {"message": "No."}}
    verdict = answered(error, {"data": []}, error, rule="createImage/response/created/required")
    told = '; the body is an error: {"error": {"message": "No."}}'
    assert verdict.message.startswith("created is missing, in 3 of ")
    assert verdict.message.endswith(f" answers{told}")
    assert [(case.what, case.actual) for case in verdict.cases] == [("in 3 answers", f"created is missing{told}")]
    assert "error" not in answered({"data": []}, error, rule="createImage/response/created/required").message


def test_a_bad_request_that_gets_an_error_as_a_success_is_told() -> None:
    cases = prepared_for(correct()).plan.cases[MALFORMED]
    exchange = correct().recording.exchanges[cases[2].attempts[0].exchange]
    answer = Answer(200, (), b'{"error": {"message": "No."}}')
    verdict = judged(MALFORMED, {exchange.id: attrs.evolve(exchange, answer=answer)})
    said = 'accepted with status 200, but the body is an error: {"error": {"message": "No."}}'
    assert verdict.message == f"{ARRAY}: {said}, on 4 samples"


def test_an_entry_tells_what_became_of_every_valid_request() -> None:
    made = run_on(status(422), settings("createImage/accepted"))
    (verdict,) = made.verdicts
    assert len(verdict.cases) == len(verdict.evidence) == verdict.samples > 1
    assert verdict.cases[0].what.startswith('a request with prompt="A cute baby sea otter", model="dall-e-2", ')
    assert {case.actual.partition(":")[0] for case in verdict.cases} == {"status 422"}


def test_a_server_that_fails_at_one_of_the_valid_requests_may_still_have_models_of_its_own() -> None:
    def respond(request: httpx.Request) -> httpx.Response:
        code = 500 if b"256x256" in request.content else 404 if b"dall-e-3" in request.content else 400
        return httpx.Response(code, content=b"" if code == 500 else b"no such model")

    (verdict,) = run_on(httpx.MockTransport(respond), settings("createImage/accepted")).verdicts
    assert {case.actual for case in verdict.cases} >= {"status 500 without a body", "status 400: no such model"}
    assert verdict.cases[0].actual == verdict.actual == "status 500 without a body"
    assert verdict.message.startswith("no valid request was accepted, one got status 500 without a body; if the ")


def printed(built: Report) -> str:
    file = io.StringIO()
    console = Console(file=file, highlight=False, markup=False, width=80)
    terminal.summary(console, built, CONTRACT, Path("report"), verbose=True)
    return file.getvalue()


def test_the_views_show_what_else_failed(tmp_path: Path) -> None:
    built = reported(refused_with(302, 200, 500, 200), tmp_path)
    jsonschema.Draft202012Validator(json.loads(record.SCHEMA.read_text(encoding="utf-8"))).validate(built)  # pyright: ignore[reportUnknownMemberType]
    also = [f"{CUT}: accepted with status 200", f"{STRING}: accepted with status 200", f"{EMPTY}: status 302: No."]
    assert f"  also     {also[0]}\n           {also[1]}\n           {also[2]}\n" in printed(built)
    html = page(built)
    assert [line in html for line in also] == [True] * 3
    items.write(built, tmp_path / "junit.xml")
    xml = (tmp_path / "junit.xml").read_text(encoding="utf-8")
    assert "\n".join(f"also: {line}" for line in also) in xml


def test_what_is_not_listed_is_counted(tmp_path: Path) -> None:
    built = reported(answered(*({"created": f"{number}"} for number in range(12))), tmp_path)
    assert entry(built, CREATED)["cases_left_out"] == 2
    assert "           and 2 others\n" in printed(built)
    assert "and 2 others" in page(built)


def test_one_case_alone_is_told_once(tmp_path: Path) -> None:
    text = printed(reported(refused_with(400, 400, 200, 400), tmp_path))
    assert f"  seen     {ARRAY}: accepted with status 200, on 4 samples\n  try " in text
    assert "also" not in text


@pytest.mark.parametrize(
    "lie", ["createImage/n-ignored", "createImageEdit/n-ignored", "createImageVariation/n-ignored"]
)
def test_the_command_for_a_server_that_ignores_n_is_short(lie: str, tmp_path: Path) -> None:
    mutant = catalogue.mutants()[lie]
    made = run_on(httpx.ASGITransport(mutant.make()), settings(*mutant.only))
    built = report.build(attrs.evolve(made, settings=attrs.evolve(made.settings, out=tmp_path)))
    failed = entry(built, f"{lie.partition('/')[0]}/response/data/count")
    assert failed["curl"] is not None
    assert len(failed["curl"]) < 500

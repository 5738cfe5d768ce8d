"""The plan: each rule has its cases, each case is sharp, and nothing is sent that no rule needs."""

import json
from collections.abc import Iterator

import attrs
import httpx
import pytest

from conformance import CONTRACT
from conformance.reference import Behaviour, create_app
from conformance.selftest.suite.runs import (
    KEY,
    by_rule,
    contract,
    correct,
    operation,
    outcomes,
    plan,
    prepared_for,
    rules,
    run_on,
    settings,
)
from conformance.suite.contract import document
from conformance.suite.contract.constraints import of_request, violated
from conformance.suite.contract.places import Fields
from conformance.suite.exchange.codec import CODEC
from conformance.suite.exchange.encoding import encode
from conformance.suite.exchange.request import Raw, Request
from conformance.suite.exchange.upload import Upload
from conformance.suite.images import IMAGES
from conformance.suite.images.pictures import Picture
from conformance.suite.images.requests import cost
from conformance.suite.plan import planner
from conformance.suite.plan.plan import Attempt, Plan, Planned
from conformance.suite.rules.catalogue import all_rules
from conformance.suite.rules.rule import Breach, Edit, Edits, Level, Rule, RuleError, Want, select

TURNED_DOWN = (Want.REFUSED, Want.SURVIVED, Want.DENIED)
OWN = "own-model"
PLANS = (None, OWN)


def by_id(made: Plan) -> dict[str, Planned]:
    return {planned.id: planned for planned in made.exchanges}


_BROKEN: dict[str, list[str]] = {}


def broken(request: Request) -> list[str]:
    """Return the ids of what a request breaks; asked once for each request, because several tests ask."""
    if request.key not in _BROKEN:
        constraints = of_request(contract(), contract().operations[request.operation])
        _BROKEN[request.key] = [constraint.id for constraint in violated(constraints, request.fields)]
    return _BROKEN[request.key]


def attempts(made: Plan, wants: tuple[Want, ...]) -> Iterator[tuple[str, Attempt]]:
    for rule in rules():
        if rule.want in wants:
            for case in made.cases.get(rule.id, ()):
                for attempt in case.attempts:
                    yield rule.id, attempt


def test_every_rule_about_requests_has_a_case_when_a_model_is_given() -> None:
    assert {rule.id for rule in rules() if rule.want is not None} == set(plan(OWN).cases)


def test_without_a_model_only_what_needs_one_has_no_case() -> None:
    assert set(plan(OWN).cases) - set(plan().cases) == {"createImage/size/accepted"}


def test_without_a_key_only_what_needs_one_has_no_case() -> None:
    without = planner.make(contract(), IMAGES, rules())
    missing = set(plan().cases) - set(without.cases)
    assert missing == {f"{operation}/security" for operation in contract().operations}
    assert set(without.left_out) == missing | {"createImage/size/accepted"}
    assert not any(planned.last for planned in without.exchanges)


def test_credentials_are_tried_after_everything_else() -> None:
    for planned in plan().exchanges:
        assert planned.last is (planned.request.raw.authorization is not None)


@pytest.mark.parametrize("model", PLANS)
def test_every_derived_refusal_breaks_exactly_its_rule(model: str | None) -> None:
    exchanges = by_id(plan(model))
    derived = {rule.id for rule in rules() if isinstance(rule.about, Breach)}
    for rule, attempt in attempts(plan(model), (Want.REFUSED,)):
        if rule in derived:
            assert broken(exchanges[attempt.exchange].request) == [rule]


@pytest.mark.parametrize("model", PLANS)
def test_every_derived_refusal_differs_from_its_twin_in_its_field_alone(model: str | None) -> None:
    exchanges = by_id(plan(model))
    derived = {rule.id: rule.about.constraint for rule in rules() if isinstance(rule.about, Breach)}
    for rule, attempt in attempts(plan(model), (Want.REFUSED,)):
        constraint = derived.get(rule)
        if constraint is not None:
            bad, twin = exchanges[attempt.exchange].request, exchanges[attempt.twin or ""].request
            assert changed(bad.fields, twin.fields) == {constraint.place[0]}
            assert bad.raw == twin.raw == Raw()


def changed(one: Fields, other: Fields) -> set[str]:
    # As JSON, because 1 and true are the same to Python.
    first, second = as_json(one), as_json(other)
    return {name for name in {**first, **second} if shown(first, name) != shown(second, name)}


def as_json(fields: Fields) -> dict[str, object]:
    return CODEC.unstructure(Request("", fields))["fields"]


def shown(fields: dict[str, object], name: str) -> str | None:
    return json.dumps(fields[name]) if name in fields else None


@pytest.mark.parametrize("model", PLANS)
def test_every_twin_is_valid_and_what_it_is_for_is_not(model: str | None) -> None:
    exchanges = by_id(plan(model))
    for _, attempt in attempts(plan(model), TURNED_DOWN):
        twin, bad = exchanges[attempt.twin or ""], exchanges[attempt.exchange]
        assert (twin.valid, bad.valid) == (True, False)
        assert broken(twin.request) == []
        assert (bad.images, twin.images > 0) == (0, True)


@pytest.mark.parametrize("model", PLANS)
def test_every_valid_exchange_is_valid(model: str | None) -> None:
    for planned in plan(model).exchanges:
        if planned.valid:
            assert broken(planned.request) == []


def edits() -> list[tuple[Rule, Edit]]:
    """Return every case that a rule declares, with the rule."""
    return [(rule, edit) for rule in rules() if isinstance(rule.about, Edits) for edit in rule.about.edits]


ODD = ("an empty body", "a body of another media type", "a JSON array", "a JSON string", "JSON in place of a form")
"""Bodies that have nothing of the twin's."""


def test_every_other_odd_body_is_that_of_its_twin_but_for_the_damage() -> None:
    exchanges = by_id(plan(OWN))
    names = {"model": {OWN: "their-model"}}
    for rule, edit in edits():
        if not rule.id.endswith("/body/survived") or edit.what in ODD:
            continue
        (case,) = [case for case in plan(OWN).cases[rule.id] if case.what == edit.what]
        attempt = case.attempts[0]
        bad, twin = (exchanges[id_ or ""].request for id_ in (attempt.exchange, attempt.twin))
        body = encode(bad, operation(rule.operation), names).body
        assert b"their-model" in body
        assert all(name.encode() in body for name in [*twin.fields][:-1])
        damage = bad.raw.damage
        if damage is not None and not damage.member:
            assert encode(twin, operation(rule.operation), names).body.startswith(body)
        elif damage is not None:
            assert body.endswith(damage.member + b"}")


def test_a_form_is_cut_in_its_last_file() -> None:
    for planned in plan().exchanges:
        damage = planned.request.raw.damage
        if damage is not None and damage.keep and operation(planned.request.operation).is_form:
            body = encode(planned.request, operation(planned.request.operation), {}).body
            _, _, rest = body.rpartition(b"image/png\r\n\r\n")
            assert rest.startswith(b"\x89PNG")
            assert b"IEND" not in rest


def test_every_stated_refusal_differs_from_its_twin_as_declared() -> None:
    exchanges = by_id(plan())
    for rule, edit in edits():
        if rule.want not in TURNED_DOWN:
            continue
        (case,) = [case for case in plan().cases[rule.id] if case.what == edit.what]
        for attempt in case.attempts:
            bad, twin = exchanges[attempt.exchange].request, exchanges[attempt.twin or ""].request
            assert changed(bad.fields, twin.fields) <= set(edit.fields)
            assert bad.key != twin.key
            assert twin.raw == Raw()


def test_every_case_has_words_of_its_own() -> None:
    whats = [(rule.id, edit.what) for rule, edit in edits()]
    assert len(set(whats)) == len(whats)


@pytest.mark.parametrize("model", PLANS)
def test_ids_are_unique(model: str | None) -> None:
    assert len(by_id(plan(model))) == len(plan(model).exchanges)


@pytest.mark.parametrize("model", PLANS)
def test_needs_refer_to_earlier_exchanges(model: str | None) -> None:
    earlier: set[str] = set()
    for planned in plan(model).exchanges:
        assert {id_ for need in planned.needs for id_ in need.ids} <= earlier
        earlier.add(planned.id)


@pytest.mark.parametrize("model", PLANS)
def test_nothing_waits_for_what_is_sent_last(model: str | None) -> None:
    last = {planned.id for planned in plan(model).exchanges if planned.last}
    for planned in plan(model).exchanges:
        if not planned.last:
            assert last.isdisjoint(id_ for need in planned.needs for id_ in need.ids)


@pytest.mark.parametrize("model", PLANS)
def test_each_exchange_serves_something(model: str | None) -> None:
    made = plan(model)
    used = {id_ for context in made.contexts for id_ in context.ids}
    used |= {id_ for planned in made.exchanges for need in planned.needs for id_ in need.ids}
    for cases in made.cases.values():
        used |= {id_ for case in cases for a in case.attempts for id_ in (a.exchange, a.twin) if id_}
    assert set(by_id(made)) <= used


def test_what_attempts_name_is_planned() -> None:
    for _, attempt in attempts(plan(), tuple(Want)):
        assert {attempt.exchange, attempt.twin or attempt.exchange} <= set(by_id(plan()))


def test_the_least_is_what_a_correct_server_gets() -> None:
    made = correct()
    least = prepared_for(made).plan.least()
    assert {planned.id for planned in least} == set(made.recording.exchanges)
    assert sum(planned.images for planned in least) == made.images_requested
    assert made.requests == len(made.recording.exchanges)


def test_a_correct_server_makes_few_images() -> None:
    least = plan().least()
    assert sum(planned.images for planned in least) <= 39
    assert len(least) <= 170


def test_a_correct_server_keeps_every_planned_rule() -> None:
    # It shows no model of its own, no prompt that it revised, and no random request, for these were switched off.
    found = {rule: outcome for rule, outcome in outcomes(correct()).items() if outcome != "pass"}
    assert "fail" not in found.values()
    assert "broken" not in found.values()
    assert all("/property/" in rule or rule.endswith(("/size/accepted", "revised_prompt/type")) for rule in found)


def test_plan_is_the_same_every_time() -> None:
    again = planner.make(contract(), IMAGES, rules(), key=True)
    assert again.exchanges == plan().exchanges
    assert [p.request.key for p in again.exchanges] == [p.request.key for p in plan().exchanges]
    assert again.cases == plan().cases
    assert again.contexts == plan().contexts


def test_a_contract_that_is_read_again_is_planned_the_same() -> None:
    again = document.load(CONTRACT)
    made = planner.make(again, IMAGES, all_rules(again, IMAGES), key=True)
    assert (made.exchanges, made.cases) == (plan().exchanges, plan().cases)


@pytest.mark.parametrize("operation", ["createImage", "createImageEdit", "createImageVariation"])
def test_what_is_not_selected_sends_nothing(operation: str) -> None:
    made = planner.make(contract(), IMAGES, select(rules(), (f"{operation}/*",), Level.ADVICE))
    assert {planned.request.operation for planned in made.exchanges} == {operation}


@pytest.mark.parametrize(
    ("only", "requests"),
    [
        ("createImage/accepted", 3),
        ("createImage/prompt/required", 4),
        ("createImageEdit/image/square", 4),
        ("createImage/n/nullable", 4),
        ("createImage/user/optional", 4),
        ("createImageVariation/model/not", 4),
    ],
)
def test_one_rule_alone_costs_little(only: str, requests: int) -> None:
    least = planner.make(contract(), IMAGES, select(rules(), (only,), Level.ADVICE)).least()
    assert 0 < len(least) <= requests


@pytest.mark.parametrize("name", ["createImageEdit", "createImageVariation"])
def test_each_size_is_asked_for_beside_an_upload_of_another_size(name: str) -> None:
    rule = f"{name}/response/data/items/dimensions"
    least = planner.make(contract(), IMAGES, select(rules(), (rule,), Level.ADVICE)).least()
    sizes = {planned.request.fields.get("size"): uploaded(planned.request) for planned in least}
    assert set(sizes) >= set(operation(name).request.properties["size"].known)
    assert all(size != upload for size, upload in sizes.items())


@pytest.mark.parametrize("rule", ["size/default", "response/data/items/dimensions", "n/default"])
@pytest.mark.parametrize("name", ["createImage", "createImageEdit", "createImageVariation"])
def test_what_an_image_is_like_is_seen_where_its_url_leads_nowhere(name: str, rule: str) -> None:
    server = Behaviour(build_url=lambda _, file, __: f"http://images.invalid/{file}.png")
    app = httpx.ASGITransport(create_app(attrs.evolve(server, api_key=KEY)))
    found = by_rule(run_on(_Unreachable(app), settings(f"{name}/{rule}")))
    assert found[f"{name}/{rule}"].outcome == "pass"


class _Unreachable(httpx.AsyncBaseTransport):
    """Stands in for a network on which images can't be fetched."""

    def __init__(self, server: httpx.AsyncBaseTransport) -> None:
        self._server = server

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.host.endswith(".invalid"):
            raise httpx.ConnectError("Name or service not known", request=request)
        return await self._server.handle_async_request(request)


def test_edits_are_looked_at_pixel_by_pixel_with_a_mask_and_without_one() -> None:
    only = ("createImageEdit/mask/honoured", "createImageEdit/image/transparency")
    for rule, masked in zip(only, (True, False), strict=True):
        least = planner.make(contract(), IMAGES, select(rules(), (rule,), Level.ADVICE)).least()
        same = [one.request.fields for one in least if uploaded(one.request) == one.request.fields.get("size")]
        assert [True for fields in same if ("mask" in fields) is masked]


def uploaded(request: Request) -> str:
    """Return the size of the image that a request uploads, in the words of the API."""
    image = request.fields["image"]
    assert isinstance(image, Upload)
    assert isinstance(image.content, Picture)
    return f"{image.content.width}x{image.content.height}"


def test_each_rule_alone_has_the_cases_that_it_has_among_all() -> None:
    for rule in rules()[:: len(rules()) // 12]:
        cases = planner.make(contract(), IMAGES, (rule,), key=True).cases
        assert set(cases) <= {rule.id}
        assert {case.what for case in cases.get(rule.id, ())} == {c.what for c in plan().cases.get(rule.id, ())}


@pytest.mark.parametrize(
    ("level", "levels"),
    [(Level.CORE, {"core"}), (Level.STRICT, {"core", "strict"}), (Level.ADVICE, {"core", "strict", "advice"})],
)
def test_a_level_includes_those_before_it(level: Level, levels: set[str]) -> None:
    assert {rule.level.value for rule in select(rules(), (), level)} == levels


@pytest.mark.parametrize("pattern", ["no-such-rule", "createimage/*", "createImage", ""])
def test_a_pattern_without_a_rule_is_named(pattern: str) -> None:
    with pytest.raises(RuleError, match="no rule matches"):
        select(rules(), ("createImage/*", pattern), Level.ADVICE)


def test_rule_ids_are_unique() -> None:
    assert len({rule.id for rule in rules()}) == len(rules())


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, (1, 1024 * 1024)),
        ({"size": "256x256"}, (1, 256 * 256)),
        ({"n": 3, "size": "256x256"}, (3, 3 * 256 * 256)),
        ({"n": None, "size": None}, (1, 1024 * 1024)),
        ({"n": True, "size": "large"}, (1, 0)),
    ],
)
def test_cost(fields: dict[str, object], expected: tuple[int, int]) -> None:
    asked = cost(operation(), fields)
    assert (asked.images, asked.effort) == expected


def test_no_more_images_are_asked_for_than_the_values_take() -> None:
    assert sum(planned.images for planned in plan().least()) <= 78


def test_values_that_are_planned_twice_share_one_request() -> None:
    null = [p for p in plan().least() if p.valid and "size" in p.request.fields and p.request.fields["size"] is None]
    assert len(null) == len({p.request.fields.get("model") for p in null}) == 2


@pytest.mark.parametrize("model", PLANS)
def test_a_request_for_several_images_holds_no_long_text_where_another_can(model: str | None) -> None:
    several = [p.request for p in plan(model).least() if p.valid and p.images > 1]
    assert {request.operation for request in several} == set(contract().operations)
    for request in several:
        texts = [value for value in request.fields.values() if isinstance(value, str)]
        # The forms know no null, so that they have as many long texts as requests, one of them beside the images.
        assert max(map(len, texts)) < (100 if request.operation != "createImageEdit" else 1001)

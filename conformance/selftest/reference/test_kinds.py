"""A field that the contract gains is read and judged by its schema alone, whatever its kind, in JSON and in a form."""

from typing import Any

import pytest

from conformance.reference import Behaviour, Operation, Values, create_app
from conformance.reference.contract import parse_contract
from conformance.reference.formats import FORMATS
from conformance.selftest.reference.kinds import (
    FIELD,
    KINDS,
    Kind,
    gaining,
    is_kept,
    is_kept_in_form,
    send_form,
    send_json,
)
from conformance.selftest.reference.server import edit, form, generate, images, png, refused_param

EDIT = "CreateImageEditRequest"
GENERATION = "CreateImageRequest"
ANY_TEXT = {"array", "array of strings"}
"""Kinds that every text of a form keeps."""
FORMATS_KEPT_AND_BROKEN = {
    "date": ("2024-02-29", "2023-02-29"),
    "time": ("12:00:00+01:00", "12:00:00"),
    "date-time": ("1998-12-31T23:59:60Z", "2024-01-31 12:00:00Z"),
    "duration": ("P1DT2H", "P1YT"),
    "email": ("a.b+c@example.com", "a@b@c"),
    "idn-email": ("ä@bücher.example", "ä"),
    "hostname": ("xn--mnchen-3ya.example", "a_b"),
    "idn-hostname": ("bücher.example", "a_b"),
    "ipv4": ("127.0.0.1", "127.0.0.01"),
    "ipv6": ("::1", "::1::"),
    "uuid": ("2eb8aa08-aa98-11ea-b4aa-73b441d16380", "2eb8aa08aa9811eab4aa73b441d16380"),
    "uri": ("https://u@[::1]:80/a%20b?c=d#e", "//a/b"),
    "uri-reference": ("../a?b", "a b"),
    "iri": ("https://bücher.example/ä", "ä"),
    "iri-reference": ("ä#ö", "<ä>"),
    "uri-template": ("https://example.com/{a,b*}{?c:3}", "{a"),
    "json-pointer": ("/a~0b/~1", "a"),
    "relative-json-pointer": ("1/a", "01"),
    "regex": (r"^(?<a>\d+)\k<a>$", "("),
}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_new_field_of_a_json_body(kind: Kind) -> None:
    app = gaining(kind.schema, GENERATION)
    assert images(generate(app))
    for value in kind.keeps:
        assert images(send_json(app, value)), value
    for value in kind.breaks:
        assert refused_param(send_json(app, value)) == FIELD, value


@pytest.mark.parametrize("name", KINDS)
def test_a_new_field_of_a_form(name: str) -> None:
    kind = KINDS[name]
    app = gaining(kind.schema, EDIT)
    assert images(edit(app))
    for value in kind.keeps:
        assert images(send_form(app, value)), value
    broken = [value for value in kind.breaks if not is_kept_in_form(kind.schema, value)]
    assert bool(broken) == (name not in ANY_TEXT)
    for value in broken:
        assert refused_param(send_form(app, value)) == FIELD, value


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_the_table_of_kinds_says_what_the_other_validator_says(kind: Kind) -> None:
    assert all(is_kept(kind.schema, value) for value in kind.keeps)
    assert not any(is_kept(kind.schema, value) for value in kind.breaks)


@pytest.mark.parametrize(("name", "texts"), FORMATS_KEPT_AND_BROKEN.items(), ids=FORMATS_KEPT_AND_BROKEN)
def test_a_format_is_enforced(name: str, texts: tuple[str, str]) -> None:
    kept, broken = texts
    schema = {"type": "string", "format": name}
    for app, send in ((gaining(schema, GENERATION), send_json), (gaining(schema, EDIT), send_form)):
        assert images(send(app, kept))
        assert refused_param(send(app, broken)) == FIELD
    assert (is_kept(schema, kept), is_kept(schema, broken)) == (True, False)


def test_every_checked_format_has_its_example() -> None:
    assert set(FORMATS.checkers) == set(FORMATS_KEPT_AND_BROKEN)


@pytest.mark.parametrize("name", ["int32", "float", "byte", "password", "binary", "unheard-of"])
def test_a_format_that_asks_for_nothing_admits_any_text(name: str) -> None:
    assert images(send_json(gaining({"type": "string", "format": name}, GENERATION), "!"))


@pytest.mark.parametrize("name", [FIELD, f"{FIELD}[]"])
def test_a_list_comes_in_parts_of_either_name(name: str) -> None:
    app = gaining({"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 3}, EDIT)
    assert images(send_form(app, [1, 2], name))
    assert refused_param(send_form(app, [1], name)) == FIELD
    assert refused_param(send_form(app, [1, 2, 3, 4], name)) == FIELD


def test_there_is_room_for_as_many_items_as_the_contract_admits() -> None:
    app = gaining({"type": "array", "items": {"type": "integer"}, "maxItems": 300}, EDIT)
    assert images(send_form(app, [1] * 300))
    assert refused_param(send_form(app, [1] * 301)) == FIELD


def test_a_list_of_one_may_be_sent_under_either_name() -> None:
    app = gaining(KINDS["one or an array"].schema, EDIT)
    for name in (FIELD, f"{FIELD}[]"):
        assert images(send_form(app, "a", name))
        assert refused_param(send_form(app, "c", name)) == FIELD


def test_what_is_forbidden_to_a_field_of_any_type_does_not_pass_as_a_list() -> None:
    app = gaining({"not": {"enum": ["a"]}}, EDIT)
    assert images(send_form(app, "b"))
    assert images(send_form(app, ["a", "b"]))
    assert refused_param(send_form(app, "a")) == FIELD


def test_a_list_is_not_spelled_in_one_part() -> None:
    app = gaining({"type": "array", "items": {"type": "integer"}}, EDIT)
    assert refused_param(send_form(app, "[1, 2]")) == FIELD


def test_a_field_that_takes_no_list_is_not_called_one() -> None:
    app = gaining({"type": "integer"}, EDIT)
    assert refused_param(send_form(app, [1, 2])) == FIELD
    assert images(send_form(app, "not an integer", f"{FIELD}[]"))


def test_the_contract_may_itself_put_brackets_into_a_name() -> None:
    def parts(*contents: bytes) -> Any:  # noqa: ANN401 - parts of a form
        return [("image", png(), "i"), ("prompt", b"a", None), *(("novel[]", content, None) for content in contents)]

    more = {"type": "object", "properties": {"image": {"format": "binary"}, "novel[]": KINDS["maxItems"].schema}}
    app = gaining({}, EDIT, **more)
    assert images(form(*parts(b"a", b"b"), app=app))
    assert refused_param(form(*parts(b"a", b"b", b"c"), app=app)) == "novel[]"


def test_blanks_may_stand_around_an_object_in_a_form() -> None:
    app = gaining(KINDS["nested object"].schema, EDIT)
    assert images(send_form(app, ' {"width": 1}\r\n'))


def test_an_object_in_a_form_is_bounded_in_depth() -> None:
    app = gaining({"type": "object"}, EDIT)
    assert images(send_form(app, '{"a":' * 64 + "1" + "}" * 64))
    assert refused_param(send_form(app, '{"a":' * 65 + "1" + "}" * 65)) == FIELD
    assert refused_param(send_form(app, '{"a":' * 9999 + "1" + "}" * 9999)) == FIELD


def test_a_fraction_in_a_form_is_a_number_also_where_an_integer_is_due() -> None:
    seen: list[object] = []

    def validate(operation: Operation, values: Values) -> Values:
        seen.append(values["n"])
        return Behaviour().validate(operation, values)

    assert refused_param(edit(create_app(Behaviour(validate=validate)), n="1.5")) == "n"
    assert refused_param(edit(create_app(Behaviour(validate=validate)), n="true")) == "n"
    assert seen == [1.5, "true"]


def test_a_huge_number_is_no_multiple_of_anything() -> None:
    app = gaining({"type": "number", "multipleOf": 0.5}, EDIT)
    assert refused_param(send_form(app, "1e400")) == FIELD


@pytest.mark.parametrize(
    ("schema", "value", "message"),
    [
        (KINDS["nested object"].schema, {}, "'novel' must have the members width."),
        (KINDS["nested object"].schema, {"width": 0}, "'novel.width' must be at least 1."),
        (KINDS["nested object"].schema, {"width": 1, "tags": ["c"]}, '\'novel.tags[0]\' must be one of "a", "b".'),
        (KINDS["additionalProperties of a kind"].schema, {"secret": 1}, "'novel.*' must be of type string."),
        (KINDS["additionalProperties"].schema, {"secret": 1}, "'novel' has a member that this operation doesn't know."),
        (KINDS["one or an array"].schema, ["a", "b", "a"], "'novel' must have at most 2 items."),
        (KINDS["multipleOf"].schema, 9, "'novel' must be a multiple of 8."),
        ({"type": "string", "format": "uri"}, "secret", "'novel' must be of the format uri."),
        (False, "secret", "'novel' has a value that is not supported in this operation."),
    ],
)
def test_the_message_names_the_place_and_nothing_that_was_sent(schema: Any, value: object, message: str) -> None:  # noqa: ANN401 - a schema
    app = gaining(schema, GENERATION)
    assert send_json(app, value).json()["error"]["message"] == message


def test_the_contract_is_read_as_yaml_1_2() -> None:
    text = "[on, yes, 16:9, 2024-01-31, 010, 0x10, true, null, ~, -3, 1.5, 1e3]"
    kept = ["on", "yes", "16:9", "2024-01-31", "010", "0x10"]
    assert list(parse_contract(text)) == [*kept, True, None, None, -3, 1.5, 1000.0]

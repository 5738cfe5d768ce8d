"""Turns the values of an exchange into JSON and back, by cattrs.

Three things in them are not JSON: bytes are base64, a file among the fields of a request is its recipe under the key
``$file``, and a recipe is its fields beside the name of its ``kind``.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, cast

import attrs
from cattrs.preconf.json import JsonConverter, make_converter

from conformance.suite.contract.places import Fields
from conformance.suite.exchange.held import Body, Held
from conformance.suite.exchange.upload import Content, Text, Upload

_FILE = "$file"
_KIND = "kind"


def _fields_as_json(value: object) -> object:
    """Return the value of a field as JSON, each file in it as its recipe."""
    if isinstance(value, Mapping):
        return {name: _fields_as_json(member) for name, member in cast("Mapping[str, object]", value).items()}
    if isinstance(value, list):
        return [_fields_as_json(item) for item in cast("list[object]", value)]
    if isinstance(value, Upload):
        content = attrs.asdict(cast("Any", value.content))
        labels = {"filename": value.filename, "content_type": value.content_type}
        return {_FILE: {"content": {_KIND: type(value.content).__name__, **content}, **labels}}
    return value


def _fields_from_json(value: object, contents: Mapping[str, type]) -> object:
    """Undo :func:`_fields_as_json`; raises KeyError if a recipe is not known."""
    if isinstance(value, list):
        return [_fields_from_json(item, contents) for item in cast("list[object]", value)]
    if not isinstance(value, dict):
        return value
    found = cast("dict[str, Any]", value)
    if _FILE not in found:
        return {name: _fields_from_json(member, contents) for name, member in found.items()}
    file = found[_FILE]
    recipe = {name: member for name, member in file["content"].items() if name != _KIND}
    content = cast("Content", contents[file["content"][_KIND]](**recipe))
    return Upload(content, file["filename"], file["content_type"])


def as_it_is(value: object, kind: type) -> object:
    """Return a plain value; raises TypeError if it is of another type, for what is written is never converted."""
    if type(value) is kind or (kind is float and type(value) is int):
        return value
    raise TypeError(f"{value!r} is no {kind.__name__}")


@lru_cache(maxsize=8)
def codec(contents: tuple[type[Content], ...] = ()) -> JsonConverter:
    """Return the converter that knows these recipes beside plain text."""
    kinds: dict[str, type] = {kind.__name__: kind for kind in (Text, *contents)}
    converter = make_converter(use_alias=True)
    converter.register_unstructure_hook(bytes, lambda data: base64.b64encode(data).decode())
    converter.register_structure_hook(bytes, lambda data, _: base64.b64decode(data, validate=True))
    converter.register_unstructure_hook(Held, lambda held: base64.b64encode(held.read()).decode())
    converter.register_structure_hook(Body, lambda data, _: base64.b64decode(data, validate=True))
    for plain in (bool, int, float, str):
        converter.register_structure_hook(plain, as_it_is)
    converter.register_unstructure_hook_func(lambda type_: type_ == Fields, _fields_as_json)
    converter.register_structure_hook_func(
        lambda type_: type_ == Fields, lambda data, _: _fields_from_json(data, kinds)
    )
    return converter


CODEC = codec()
"""The converter for what is written: to write down a recipe it need not be known."""

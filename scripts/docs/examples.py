"""Writes the examples of an operation: its fields with the values that the contract gives, in several languages.

The first example of an operation has what a request must have, the second as much as the contract gives values for and
as fits together. The names in the ``openai`` packages are the one thing here that no contract tells: an operation that
stands in none of them has no such example.
"""

from __future__ import annotations

import inspect
import json
import shlex
from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePath
from typing import Final

from attrs import field, frozen
from openai.resources import Images
from openapi_python_client.strings import ClassName, PythonIdentifier

from conformance.suite.contract.constraints import of_request, violated
from conformance.suite.contract.document import Contract
from conformance.suite.contract.inside import inside
from conformance.suite.contract.nodes import as_list, as_map
from conformance.suite.contract.operation import Operation
from conformance.suite.contract.places import files_in
from conformance.suite.contract.schema import Schema
from conformance.suite.exchange.encoding import form_text, parts, target

_OPENAI: Final[Mapping[str, tuple[str, str]]] = {
    "/images/generations": ("generate", "generate"),
    "/images/edits": ("edit", "edit"),
    "/images/variations": ("create_variation", "createVariation"),
}
"""The methods of ``images`` in the packages for Python and for Node by path."""
_CLIENT: Final = "openai_images_client"
_KEY: Final = '"Authorization: Bearer $OPENAI_API_KEY"'
_SUFFIXES: Final[Mapping[str, str]] = {"image/png": ".png", "image/jpeg": ".jpg", "image/webp": ".webp"}
_INDENT: Final = "    "


@frozen
class File:
    """Stands for a file that is uploaded: its name, and its media type."""

    name: str
    media_type: str


@frozen
class Code:
    """The text of an example in one language; ``fence`` is what Markdown calls it."""

    language: str
    fence: str
    text: str


@frozen
class Example:
    """One request, in several languages."""

    title: str
    fields: Mapping[str, object] = field(hash=False)
    codes: tuple[Code, ...]


def of(contract: Contract, operation: Operation, address: str) -> Iterator[Example]:
    """Yield the examples of an operation; ``address`` is the base URL that they name."""
    first, more = least(contract, operation), _most(contract, operation)
    yield Example("The smallest request", first, tuple(_codes(contract, operation, address, first)))
    if more != first:
        yield Example("With more parameters", more, tuple(_codes(contract, operation, address, more)))


def least(contract: Contract, operation: Operation) -> dict[str, object]:
    """Return a value for each field that a request must have."""
    fields = operation.request.properties.items()
    return {name: _value(contract, operation, name, s) for name, s in fields if name in operation.request.required}


def _most(contract: Contract, operation: Operation) -> dict[str, object]:
    """Return a value for each field for which the contract gives one, less those that don't fit the ones before."""
    found = least(contract, operation)
    constraints = of_request(contract, operation)
    for name, schema in operation.request.properties.items():
        given = schema.example is not None or schema.default or schema.names or holds_files(schema)
        if name not in found and given:
            more = {**found, name: _value(contract, operation, name, schema)}
            # A value that the contract gives may still be one that a condition on another field forbids.
            found = found if violated(constraints, more) else more
    return {name: found[name] for name in operation.request.properties if name in found}


def _value(contract: Contract, operation: Operation, name: str, schema: Schema) -> object:
    if holds_files(schema):
        media_type = media_types(contract, operation, name)[0]
        file = File(f"{name}{_SUFFIXES.get(media_type, '.bin')}", media_type)
        return file if schema.is_file else [file]
    if schema.example is not None:
        return schema.example
    if schema.default is not None:
        return schema.default.value
    return next(iter((*schema.names, *inside(schema), *_object(contract, operation, schema))), "text")


def _object(contract: Contract, operation: Operation, schema: Schema) -> Iterator[object]:
    below = schema.properties.items()
    if below:
        yield {name: _value(contract, operation, name, s) for name, s in below if name in schema.required}


def answer(contract: Contract, operation: Operation) -> str | None:
    """Return an answer as JSON: what it must hold, and of an object without such members the first."""
    if operation.answer is None:
        return None
    return json.dumps(_answer(contract, operation, operation.answer), indent=2, ensure_ascii=False)


def _answer(contract: Contract, operation: Operation, schema: Schema) -> object:
    if schema.properties:
        names = [name for name in schema.properties if name in schema.required] or list(schema.properties)[:1]
        return {name: _answer(contract, operation, schema.properties[name]) for name in names}
    if schema.items is not None and not schema.many:
        return [_answer(contract, operation, schema.items)]
    return _value(contract, operation, "", schema)


def holds_files(schema: Schema) -> bool:
    """Whether the value of a field is a file or a list of files."""
    return schema.is_file or (schema.items is not None and schema.items.is_file)


def media_types(contract: Contract, operation: Operation, name: str) -> tuple[str, ...]:
    """Return the media types that a file may have, the one to send first."""
    body = as_map(contract.at(operation.body))
    told = str(as_map(as_map(body.get("encoding")).get(name)).get("contentType", "application/octet-stream"))
    return tuple(one.strip() for one in told.split(","))


def _codes(contract: Contract, operation: Operation, address: str, fields: Mapping[str, object]) -> Iterator[Code]:
    yield Code("curl", "sh", curl(operation, address, fields))
    if operation.path in _OPENAI:
        python, node = _OPENAI[operation.path]
        yield Code("Python, openai", "python", _openai(python, address, fields))
        yield Code("Node, openai", "js", _node(node, address, fields))
    yield Code("Python, generated client", "python", _client(contract, operation, address, fields))


def curl(operation: Operation, address: str, fields: Mapping[str, object]) -> str:
    """Write a request as a curl command."""
    method = [] if operation.method in ("GET", "POST") else [f"-X {operation.method}"]
    lines = [" ".join(["curl", *method, shlex.quote(address + target(fields, operation))])]
    if operation.security is not None:
        lines.append(f"-H {_KEY}")
    body = {name: value for name, value in fields.items() if name not in operation.parameters}
    if operation.is_form:
        for name, value in parts(body, ()):
            if isinstance(value, File):
                lines.append(f"-F {shlex.quote(f'{name}=@{value.name}')}")
            else:
                lines.append(f"--form-string {shlex.quote(f'{name}={form_text(value)}')}")
    elif operation.media_type is not None:
        lines.append(f"-H {shlex.quote(f'Content-Type: {operation.media_type}')}")
        # As far in as the line that it begins on; a line break within a text is escaped.
        content = json.dumps(body, indent=2, ensure_ascii=False).replace("\n", "\n  ")
        lines.append(f"-d {shlex.quote(content)}")
    return " \\\n  ".join(lines)


def _openai(method: str, address: str, fields: Mapping[str, object]) -> str:
    """Write a request for the package; what it doesn't know yet goes into ``extra_body``."""
    known = inspect.signature(getattr(Images, method)).parameters
    given = {name: _python(value) for name, value in fields.items() if name in known}
    other = {name: value for name, value in fields.items() if name not in known}
    if other:
        given["extra_body"] = "{" + ", ".join(f"{_python(n)}: {_python(v)}" for n, v in other.items()) + "}"
    imports = ["from openai import OpenAI"]
    if any(map(files_in, fields.values())):
        imports.insert(0, "from pathlib import Path\n")
    return (
        "\n".join(imports) + f"\n\nclient = OpenAI(base_url={_python(address)})\n"
        f"answer = client.images.{method}(\n{_arguments(given)})\nprint(answer)"
    )


def _node(method: str, address: str, fields: Mapping[str, object]) -> str:
    files = any(map(files_in, fields.values()))
    given = "".join(f"  {name}: {_script(value)},\n" for name, value in fields.items())
    return (
        ('import fs from "node:fs";\n\n' if files else "")
        + f'import OpenAI from "openai";\n\nconst client = new OpenAI({{ baseURL: {json.dumps(address)} }});\n'
        f"const answer = await client.images.{method}({{\n{given}}});\nconsole.log(answer);"
    )


def _client(contract: Contract, operation: Operation, address: str, fields: Mapping[str, object]) -> str:
    """Write a request for the generated client, whose names are the generator's own."""
    found = as_map(contract.at(operation.pointer))
    tag = PythonIdentifier(str(next(iter(as_list(found.get("tags"))), "default")), "tag")
    function = PythonIdentifier(str(found["operationId"]), "field_")
    files = any(map(files_in, fields.values()))
    body = ClassName(_body(contract, operation), "field_") if operation.media_type else None
    called = {PythonIdentifier(n, "field_"): v for n, v in fields.items() if n in operation.parameters}
    held = {PythonIdentifier(n, "field_"): v for n, v in fields.items() if n not in operation.parameters}
    arguments = {"client": "client", **{name: _python(value) for name, value in called.items()}}
    if body:
        inner = _arguments({name: _sent(value) for name, value in held.items()}, depth=2)
        arguments["body"] = f"{body}(\n{inner}{_INDENT})"
    maker = "AuthenticatedClient" if operation.security else "Client"
    lines = [
        *(["import os"] if operation.security else []),
        *(["from pathlib import Path"] if files else []),
        *([""] if operation.security or files else []),
        f"from {_CLIENT} import {maker}",
        f"from {_CLIENT}.api.{tag} import {function}",
        *([f"from {_CLIENT}.models import {body}"] if body else []),
        *([f"from {_CLIENT}.types import File"] if files else []),
        "",
        f"client = {maker}(base_url={_python(address)}"
        + (', token=os.environ["OPENAI_API_KEY"])' if operation.security else ")"),
        f"answer = {function}.sync(\n{_arguments(arguments)})",
        "print(answer)",
    ]
    return "\n".join(lines)


def _body(contract: Contract, operation: Operation) -> str:
    """Name the class that holds a body: that of its schema, or the one that the generator makes up."""
    reference = as_map(as_map(contract.at(operation.body)).get("schema")).get("$ref")
    return PurePath(str(reference)).name if reference else f"{operation.id}_body"


def _arguments(given: Mapping[str, str], depth: int = 1) -> str:
    return "".join(f"{_INDENT * depth}{name}={value},\n" for name, value in given.items())


def _python(value: object) -> str:
    """Write a value in Python, a file the way the openai package takes it."""
    return _written(value, of_file=lambda file: f"Path({json.dumps(file.name)})", other=repr)


def _sent(value: object) -> str:
    """Write a value in Python the way the generated client takes it."""

    def file(file: File) -> str:
        name = json.dumps(file.name)
        return f'File(Path({name}).open("rb"), file_name={name}, mime_type={json.dumps(file.media_type)})'

    return _written(value, of_file=file, other=repr)


def _script(value: object) -> str:
    """Write a value in JavaScript."""
    return _written(value, of_file=lambda file: f"fs.createReadStream({json.dumps(file.name)})", other=json.dumps)


def _written(value: object, of_file: Callable[[File], str], other: Callable[[object], str]) -> str:
    if isinstance(value, File):
        return of_file(value)
    if files := files_in(value):
        return "[" + ", ".join(_written(file, of_file, other) for file in files) + "]"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else other(value)

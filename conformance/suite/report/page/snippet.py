"""Writes a request as a Python program that sends the same.

It uses the generated client where that can say what the request says, and else httpx, which can say everything. Files
that it uploads are named as they are seen from the report's folder, and secrets come from the environment.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import cast

from attrs import field, frozen

from conformance.suite.contract.operation import Operation
from conformance.suite.contract.places import Fields
from conformance.suite.contract.schema import Schema
from conformance.suite.exchange.encoding import Aliases, encode, form_text, parts, renamed, target
from conformance.suite.exchange.request import Request
from conformance.suite.exchange.upload import Upload
from conformance.suite.report.curl import BODY, UPLOADS, as_text, stored_as, variable
from conformance.suite.settings import MARK, is_secret

_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_KEY = "os.environ['OPENAI_API_KEY']"
_ANSWER = "print(answer.status_code, answer.{}[:1000])"


@frozen
class Server:
    """How the server of a run is called: base URL, the user's headers (secret ones by name), key, and its checks."""

    url: str
    headers: Mapping[str, str] = field(hash=False)
    key: bool
    insecure: bool
    seconds: float


def snippet(request: Request, operation: Operation, server: Server, aliases: Aliases, client: str | None) -> str:
    """Return the program; ``client`` is where the generated client has its operations, None if there is none."""
    fields = renamed(request.fields, aliases)
    own_key = any(name.lower() == "authorization" for name in server.headers)
    if client is not None and request.raw.is_plain and not own_key and _can_say(operation, fields):
        return _by_client(client, operation, fields, server)
    return _by_httpx(request, operation, fields, server, aliases)


def _can_say(operation: Operation, fields: Fields) -> bool:
    """Whether the types of the client, which follow the schema, let these fields through, and its forms carry them."""
    schema = operation.request
    known = {name: schema.properties.get(name) for name in fields}
    return (
        operation.media_type is not None
        and not operation.parameters
        and all(name in fields for name in schema.required)
        and all(found is not None and _fits(operation, found, fields[name]) for name, found in known.items())
    )


def _fits(operation: Operation, schema: Schema, value: object) -> bool:
    enum = cast("list[object] | None", schema.keyword("enum"))
    match value:
        case Upload():
            return schema.is_file
        case None:
            return schema.nullable is not None and schema.nullable.value is not False and not operation.is_form
        case str():
            return not schema.is_file and "string" in schema.types and (enum is None or value in enum)
        case bool():
            return False
        case int():
            return "integer" in schema.types and (enum is None or value in enum)
        case _:
            return False


def _by_client(client: str, operation: Operation, fields: Fields, server: Server) -> str:
    package, module = client.partition(".")[0], _CAPITAL.sub("_", operation.id).lower()
    model = f"{operation.id[:1].upper()}{operation.id[1:]}Request"
    uploads = any(isinstance(value, Upload) for value in fields.values())
    kind = "AuthenticatedClient" if server.key else "Client"
    arguments = [
        f"base_url={server.url!r}",
        *([f"token={_KEY}"] if server.key else []),
        *([f"headers={_mapping(_headers(server))}"] if server.headers else []),
        *(["verify_ssl=False"] if server.insecure else []),
        f"timeout={server.seconds:g}",
    ]
    body = [f"{name}={_file(value)}" for name, value in fields.items()]
    environment = server.key or any(map(is_secret, server.headers))
    return "\n".join(
        [
            *(["import os"] if environment else []),
            *(["from io import BytesIO", "from pathlib import Path"] if uploads else []),
            *([""] if environment or uploads else []),
            f"from {package} import {kind}",
            f"from {client} import {module}",
            f"from {package}.models import {model}",
            *([f"from {package}.types import File"] if uploads else []),
            "",
            *_call(f"client = {kind}(", arguments),
            *_call(f"body = {model}(", body),
            "with client:",
            f"    answer = {module}.sync_detailed(client=client, body=body)",
            _ANSWER.format("content"),
        ]
    )


def _by_httpx(request: Request, operation: Operation, fields: Fields, server: Server, aliases: Aliases) -> str:
    raw = request.raw
    headers = {"Accept": repr("application/json")}
    if server.key:
        headers["Authorization"] = f"'Bearer ' + {_KEY}"
    given = {name: value for name, value in _headers(server).items() if name.lower() != "content-type"}
    replaced = {name.lower() for name in given}
    headers = {name: value for name, value in headers.items() if name.lower() not in replaced} | given
    if raw.authorization is not None:
        headers = {name: value for name, value in headers.items() if name.lower() != "authorization"}
    if raw.authorization:
        headers["Authorization"] = repr(raw.authorization)
    body = {name: value for name, value in fields.items() if name not in operation.parameters}
    sent: list[str] = []
    if raw.body is not None or raw.damage is not None or raw.content_type is not None:
        made = encode(request, operation, aliases)
        if made.content_type:
            headers["Content-Type"] = repr(made.content_type)
        text = as_text(made.body)
        stored = f"Path({f'{UPLOADS}/{stored_as(made.body, BODY)}'!r}).read_bytes()"
        sent = [f"content={text.encode()!r}" if text is not None else f"content={stored}"]
    elif operation.is_form:
        sent = ["files=[", *(f"    ({name!r}, {_part(value)})," for name, value in parts(body, raw.order)), "]"]
    elif operation.media_type is not None:
        headers["Content-Type"] = repr(operation.media_type)
        sent = [f"json={body!r}"]
    arguments = [
        repr(raw.method or operation.method),
        repr(server.url + (raw.path or target(fields, operation))),
        f"headers={_mapping(headers)}",
        *(["\n    ".join(sent)] if sent else []),
        *(["verify=False"] if server.insecure else []),
        f"timeout={server.seconds:g}",
    ]
    call = _call("answer = httpx.request(", arguments)
    program = "\n".join(call)
    return "\n".join(
        [
            *(["import os"] if "os.environ" in program else []),
            *(["from pathlib import Path"] if "Path(" in program else []),
            *([""] if "os.environ" in program or "Path(" in program else []),
            "import httpx",
            "",
            program,
            _ANSWER.format("text"),
        ]
    )


def _call(head: str, arguments: list[str]) -> list[str]:
    return [head, *(f"    {argument}," for argument in arguments), ")"]


def _headers(server: Server) -> dict[str, str]:
    """Return the user's headers as Python expressions; the value of a secret one comes from the environment."""
    return {
        name.removeprefix(MARK): f"os.environ[{variable(name.removeprefix(MARK))!r}]"
        if is_secret(name)
        else repr(value)
        for name, value in server.headers.items()
    }


def _mapping(expressions: Mapping[str, str]) -> str:
    return "{" + ", ".join(f"{name!r}: {value}" for name, value in expressions.items()) + "}"


def _file(value: object) -> str:
    if not isinstance(value, Upload):
        return repr(value)
    return f"File(BytesIO({_read(value)}), {value.filename!r}, {value.content_type!r})"


def _part(value: object) -> str:
    if isinstance(value, Upload):
        return f"({value.filename!r}, {_read(value)}, {value.content_type!r})"
    return f"(None, {form_text(value)!r})"


def _read(upload: Upload) -> str:
    return f"Path({f'{UPLOADS}/{stored_as(upload.encode(), upload.filename)}'!r}).read_bytes()"

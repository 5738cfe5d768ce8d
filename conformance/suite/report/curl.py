"""Writes a request as a curl command that a person can paste, and that says the status which came.

Files that it uploads are named as they are seen from the report's folder.
"""

from __future__ import annotations

import hashlib
import json
import shlex
from pathlib import Path

from conformance.suite.contract.operation import Operation
from conformance.suite.exchange.encoding import Aliases, encode, form_text, parts, renamed, target
from conformance.suite.exchange.request import Raw, Request
from conformance.suite.exchange.upload import Upload
from conformance.suite.sending import redaction
from conformance.suite.settings import MARK, Target, is_secret

UPLOADS = "uploads"
"""The folder of those files in the report's folder."""
BODY = "body.bin"
"""What a body is called that is stored there."""
_LONG = 4096
_ACCEPT = "application/json"
_STATUS = shlex.quote(r"\n%{http_code}\n")


def command(request: Request, operation: Operation, server: Target, aliases: Aliases, uploads: Path) -> str:
    """Return the curl command of a request; files that it uploads are written below ``uploads``.

    The key and the values of secret headers stand in it as shell variables, never as themselves.
    """
    raw = request.raw
    fields = renamed(request.fields, aliases)
    url = redaction.of(server).text(server.url) + (raw.path or target(fields, operation))
    unchecked = ("-k",) if server.insecure else ()
    words = [shlex.quote(word) for word in ("curl", "-sS", *unchecked, "-X", raw.method or operation.method, url)]
    body = {name: value for name, value in fields.items() if name not in operation.parameters}
    for header in _headers(raw, server):
        words += ["-H", header]
    if raw.body is not None or raw.damage is not None or raw.content_type is not None:
        made = encode(request, operation, aliases)
        words += _raw_body(made.body, made.content_type, uploads)
    elif operation.is_form:
        for name, value in parts(body, raw.order):
            words += _part(name, value, uploads)
    elif operation.media_type is not None:
        words += ["-H", shlex.quote(f"Content-Type: {operation.media_type}")]
        words += ["--data-binary", shlex.quote(json.dumps(body, ensure_ascii=False))]
    return " ".join([*words, "-w", _STATUS])


def _headers(raw: Raw, server: Target) -> list[str]:
    """Return the headers but for the content type, each quoted; the user's own replace ours."""
    headers = {"accept": shlex.quote(f"Accept: {_ACCEPT}")}
    if server.key is not None:
        headers["authorization"] = '"Authorization: Bearer $OPENAI_API_KEY"'
    for given, value in redaction.of(server).headers(server).items():
        name = given.removeprefix(MARK)
        # Without its value curl leaves a header out, unless it ends with a semicolon.
        plain = shlex.quote(f"{name}: {value}" if value else f"{name};")
        headers[name.lower()] = f'"{name}: ${variable(name)}"' if is_secret(given) else plain
    headers.pop("content-type", None)
    if raw.authorization is not None:
        headers.pop("authorization", None)
    if raw.authorization:
        headers["authorization"] = shlex.quote(f"Authorization: {raw.authorization}")
    return list(headers.values())


def variable(name: str) -> str:
    """Return the environment variable that stands for the value of a secret header."""
    made = "".join(character if character.isalnum() else "_" for character in name.upper())
    return f"_{made}" if made[:1].isdigit() else made


def _raw_body(body: bytes, content_type: str | None, uploads: Path) -> list[str]:
    header = ["-H", shlex.quote(f"Content-Type: {content_type}" if content_type else "Content-Type:")]
    text = as_text(body)
    if text is not None:
        return [*header, "--data-binary", shlex.quote(text)]
    return [*header, "--data-binary", shlex.quote(f"@{_store(body, BODY, uploads)}")]


def as_text(body: bytes) -> str | None:
    """Return a raw body as it stands in a command, or None if it is stored in a file."""
    try:
        text = body.decode("ascii")
    except UnicodeDecodeError:
        return None
    return text if text.isprintable() and len(text) < _LONG and not text.startswith("@") else None


def _part(name: str, value: object, uploads: Path) -> list[str]:
    if isinstance(value, Upload):
        path = _store(value.encode(), value.filename, uploads)
        return ["-F", shlex.quote(f"{name}=@{path};filename={value.filename};type={value.content_type}")]
    return ["--form-string", shlex.quote(f"{name}={form_text(value)}")]


def stored_as(data: bytes, name: str) -> str:
    """Return the name under which a file is stored, which tells its content apart."""
    return f"{hashlib.sha256(data).hexdigest()[:8]}-{Path(name).name}"


def _store(data: bytes, name: str, uploads: Path) -> Path:
    """Write a file once, and return its path in the report's folder."""
    path = uploads / stored_as(data, name)
    if not path.exists():
        uploads.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return path.relative_to(uploads.parent)

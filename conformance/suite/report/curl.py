"""Writes a request as a curl command that a person can paste."""

from __future__ import annotations

import hashlib
import json
import shlex
from pathlib import Path

from conformance.suite.contract.operation import Operation
from conformance.suite.exchange.encoding import Aliases, encode, form_text, parts, renamed, target
from conformance.suite.exchange.request import Request
from conformance.suite.exchange.upload import Upload
from conformance.suite.sending import redaction
from conformance.suite.settings import MARK, Target, is_secret

_LONG = 4096


def command(request: Request, operation: Operation, server: Target, aliases: Aliases, uploads: Path) -> str:
    """Return the curl command of a request; files that it uploads are written below ``uploads``.

    The key and the values of secret headers stand in it as shell variables, never as themselves.
    """
    raw = request.raw
    fields = renamed(request.fields, aliases)
    cut = redaction.of(server)
    url = cut.text(server.url) + (raw.path or target(fields, operation))
    words = [shlex.quote(word) for word in ("curl", "-sS", "-X", raw.method or operation.method, url)]
    body = {name: value for name, value in fields.items() if name not in operation.parameters}
    if raw.authorization is not None:
        words += ["-H", shlex.quote(f"Authorization: {raw.authorization}")] if raw.authorization else []
    elif server.key is not None:
        words += ["-H", '"Authorization: Bearer $OPENAI_API_KEY"']
    for given, value in cut.headers(server).items():
        name = given.removeprefix(MARK)
        words += ["-H", f'"{name}: ${_variable(name)}"' if is_secret(given) else shlex.quote(f"{name}: {value}")]
    if raw.body is not None or raw.damage is not None or raw.content_type is not None:
        made = encode(request, operation, aliases)
        words += _raw_body(made.body, made.content_type, uploads)
    elif operation.is_form:
        for name, value in parts(body, raw.order):
            words += _part(name, value, uploads)
    elif operation.media_type is not None:
        words += ["-H", shlex.quote(f"Content-Type: {operation.media_type}")]
        words += ["--data-binary", shlex.quote(json.dumps(body, ensure_ascii=False))]
    return " ".join(words)


def _variable(name: str) -> str:
    return "".join(character if character.isalnum() else "_" for character in name.upper())


def _raw_body(body: bytes, content_type: str | None, uploads: Path) -> list[str]:
    header = ["-H", shlex.quote(f"Content-Type: {content_type}" if content_type else "Content-Type:")]
    try:
        text = body.decode("ascii")
    except UnicodeDecodeError:
        text = "\0"
    if text.isprintable() and len(text) < _LONG:
        return [*header, "--data-binary", shlex.quote(text)]
    return [*header, "--data-binary", shlex.quote(f"@{_store(body, 'body.bin', uploads)}")]


def _part(name: str, value: object, uploads: Path) -> list[str]:
    if isinstance(value, Upload):
        path = _store(value.encode(), value.filename, uploads)
        return ["-F", shlex.quote(f"{name}=@{path};filename={value.filename};type={value.content_type}")]
    return ["--form-string", shlex.quote(f"{name}={form_text(value)}")]


def _store(data: bytes, name: str, uploads: Path) -> Path:
    """Write a file once, under a name that tells its content apart."""
    path = uploads / f"{hashlib.sha256(data).hexdigest()[:8]}-{Path(name).name}"
    if not path.exists():
        uploads.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return path

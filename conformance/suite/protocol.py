"""Stated rules about how a request is put: its body as such, its parts, its method and path, its key.

The documents say which method, path, media type and key an operation takes; that anything else is no use of it follows,
and that bad input is no reason to fail is RFC 9110, section 15.6. A body that is read in two ways by correct servers
(JSON sent as text, nesting in a parameter that no document names) need only be survived.
"""

from __future__ import annotations

from collections.abc import Iterator

from attrs import evolve

from conformance.suite.contract import Contract, Operation, Source, escape
from conformance.suite.demand import Demand, Kind, Level
from conformance.suite.files import sample
from conformance.suite.pictures import Upload
from conformance.suite.request import Raw, Request, encode

WRONG_KEY = "sk-images-conformance-wrong-key"
"""A key that no server has given out."""

_REFUSED = (Level.STRICT, Kind.REFUSES)
_ACCEPTED = (Level.CORE, Kind.ACCEPTS)
_SURVIVED = (Level.STRICT, Kind.SURVIVES)
_DENIED = (Level.STRICT, Kind.DENIES)
_DEPTH = 50_000
_DIGITS = 5_000


def cases(contract: Contract, operation: Operation) -> Iterator[Demand]:
    """Yield every case of every stated rule about how the operation's requests are put."""
    content = f"{operation.pointer}/requestBody/content/{escape(operation.media_type)}"
    body = contract.source(content, f"content: {operation.media_type}")
    yield from _bodies(operation, body)
    if operation.is_form:
        yield from _parts(contract, operation, content, body)
    else:
        yield from _numbers(contract, operation)
    path = contract.source(operation.pointer, f"{operation.method} {operation.path}")
    yield Demand(
        f"{operation.id}/path",
        *_DENIED,
        path,
        "a path that no document names",
        raw=Raw(path=f"{operation.path}/no-such-path"),
    )
    yield Demand(f"{operation.id}/method", *_DENIED, path, "the method PUT", raw=Raw(method="PUT"))
    yield from _keys(contract, operation)


def _bodies(operation: Operation, source: Source) -> Iterator[Demand]:
    rule = f"{operation.id}/body"
    media_type = operation.media_type
    whole = encode(_least(operation), operation, {})
    cut = whole.body[: int(len(whole.body) * 0.6)]
    refused = {"an empty body": Raw(body=b"", content_type=whole.content_type)}
    survived = {
        "a body of another media type": Raw(body=b"prompt: otter", content_type="text/plain"),
        "a body without a media type": Raw(body=whole.body, content_type=""),
    }
    if operation.is_form:
        refused["a form that ends in the middle of a file"] = Raw(body=cut, content_type=whole.content_type)
        survived["a form without a boundary"] = Raw(body=whole.body, content_type=media_type)
        survived["JSON in place of a form"] = Raw(body=b'{"prompt": "otter"}', content_type="application/json")
        number = Request(operation.id, {**_least(operation).fields, "n": "9" * _DIGITS})
        survived["a number of 5000 digits"] = Raw(
            body=encode(number, operation, {}).body, content_type=whole.content_type
        )
    else:
        refused["JSON that ends in the middle"] = Raw(body=cut, content_type=media_type)
        refused["a JSON array"] = Raw(body=b'["A cute baby sea otter"]', content_type=media_type)
        refused["a JSON string"] = Raw(body=b'"A cute baby sea otter"', content_type=media_type)
        start = whole.body.removesuffix(b"}")
        deep = start + b', "other": ' + b"[" * _DEPTH + b"]" * _DEPTH + b"}"
        survived["arrays nested 50000 deep"] = Raw(body=deep, content_type=media_type)
        long = start + b', "n": ' + b"9" * _DIGITS + b"}"
        survived["a number of 5000 digits"] = Raw(body=long, content_type=media_type)
        survived["a number too large for a double"] = Raw(body=start + b', "n": 1e999}', content_type=media_type)
        survived["a body that is not UTF-8"] = Raw(body=b'{"prompt": "\xff\xfe"}', content_type=media_type)
        survived["half of a surrogate pair"] = Raw(body=b'{"prompt": "\\ud83e"}', content_type=media_type)
    for what, raw in refused.items():
        yield Demand(f"{rule}/malformed", *_REFUSED, source, what, raw=raw)
    for what, raw in (*refused.items(), *survived.items()):
        yield Demand(f"{rule}/survived", *_SURVIVED, source, what, raw=raw)


def _least(operation: Operation) -> Request:
    """Return a request with what is required."""
    values = {
        name: sample(operation, name) if schema.keyword("format") == "binary" else schema.example
        for name, schema in operation.request.properties.items()
        if name in operation.request.required
    }
    return Request(operation.id, values)


def _parts(contract: Contract, operation: Operation, content: str, body: Source) -> Iterator[Demand]:
    files = [name for name, schema in operation.request.properties.items() if schema.keyword("format") == "binary"]
    front = Raw(order=tuple(files))
    yield Demand(f"{operation.id}/body/part-order", *_ACCEPTED, body, "the file parts in front", raw=front)
    picture = sample(operation, "image")
    encoding = contract.source(f"{content}/encoding/image/contentType")
    labels = {
        "image sent as application/octet-stream": evolve(picture, content_type="application/octet-stream"),
        "image sent under the file name 'upload'": Upload(picture.picture, "upload", "application/octet-stream"),
        "image sent under a full path": evolve(picture, filename="/home/otter/My pictures/otter (1).png"),
    }
    for what, upload in labels.items():
        yield Demand(f"{operation.id}/image/label", *_ACCEPTED, encoding, what, edit={"image": upload})


def _numbers(contract: Contract, operation: Operation) -> Iterator[Demand]:
    """Yield that an integer may be written with a fraction of zero (JSON Schema 2020-12, core, section 4.2.3)."""
    n = operation.request.properties.get("n")
    integer = next((keyword for keyword in n.keywords if keyword.name == "type"), None) if n else None
    if integer is not None:
        yield Demand(
            f"{operation.id}/n/integer-form",
            Level.ADVICE,
            Kind.ACCEPTS,
            contract.source(integer.pointer),
            "n = 1.0",
            edit={"n": 1.0},
        )


def _keys(contract: Contract, operation: Operation) -> Iterator[Demand]:
    source = contract.source(f"{operation.pointer}/security")
    wrong = {
        "no key": "",
        "a wrong key": f"Bearer {WRONG_KEY}",
        "a key without its scheme": WRONG_KEY,
        "a scheme without a key": "Bearer",
    }
    for what, authorization in wrong.items():
        raw = Raw(authorization=authorization)
        yield Demand(f"{operation.id}/security", *_REFUSED, source, what, raw=raw, with_key=True)

"""Rules about how a request is put: its body as such, its parts, its method and path, its key.

The documents say which method, path, media type and key an operation takes; that anything else is no use of it follows,
and that bad input is no reason to fail is RFC 9110, section 15.6. A body that is read in two ways by correct servers
(JSON sent as text, nesting in a parameter that no document names) need only be survived. A damaged body is that of the
twin but for the damage, so that nothing else in it keeps a server from reading it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator

from attrs import evolve

from conformance.suite.contract.document import Contract, Source
from conformance.suite.contract.inside import inside
from conformance.suite.contract.operation import Operation
from conformance.suite.contract.places import ABSENT
from conformance.suite.exchange.request import Damage, Raw
from conformance.suite.rules.api import Api
from conformance.suite.rules.rule import Edit, Edits, Level, Rule, Unless, Want

WRONG_KEY = "sk-images-conformance-wrong-key"
"""A key that no server has given out, though it looks like one of OpenAI's."""
_OTHER_KEY = WRONG_KEY.removeprefix("sk-")
_LIKE_A_KEY, _UNLIKE_A_KEY = "any key that begins with sk-", "any key that begins with anything else"

_DEPTH = 50_000
_DIGITS = 5_000
_KEPT = 0.9
"""Share that is left of a body which is cut off: the last member, or the last file of a form, is not whole."""


def rules(contract: Contract, operation: Operation, api: Api) -> Iterator[Rule]:
    """Yield every rule about how the operation's requests are put."""
    if operation.media_type is not None:
        yield from _bodies(contract, operation)
    if operation.is_form and operation.files:
        yield from _parts(contract, operation, api)
    yield from _integers(contract, operation)
    yield from _routes(contract, operation)
    if operation.security is not None:
        yield from _keys(contract.source(operation.security), operation)


def _rule(operation: Operation, name: str, title: str, source: Source, about: Edits) -> Rule:
    level = Level.CORE if about.want is Want.ACCEPTED else Level.STRICT
    return Rule(f"{operation.id}/{name}", level, operation.id, source, about, title=title)


def _bodies(contract: Contract, operation: Operation) -> Iterator[Rule]:
    source = contract.source(operation.body, f"content: {operation.media_type}")
    refused = [Edit("an empty body", raw=Raw(damage=Damage(keep=0.0)))] if operation.request.required else []
    survived = [
        Edit("a body of another media type", raw=Raw(body=b"text: otter", content_type="text/plain")),
        Edit("a body without a media type", raw=Raw(content_type="")),
    ]
    if operation.is_form:
        refused += [Edit("a form that ends in the middle of a file", raw=Raw(damage=Damage(keep=_KEPT)))]
        survived += [
            Edit("a form without a boundary", raw=Raw(content_type=operation.media_type)),
            Edit("JSON in place of a form", raw=Raw(body=b'{"text": "otter"}', content_type="application/json")),
        ]
        number = _named(operation, "integer", "number")
        survived += [Edit("a number of 5000 digits", {number: "9" * _DIGITS})] if number is not None else []
    else:
        other = [("a JSON array", b'["A cute baby sea otter"]'), ("a JSON string", b'"A cute baby sea otter"')]
        refused += [Edit("JSON that is cut off", raw=Raw(damage=Damage(keep=_KEPT)))]
        refused += [Edit(what, raw=Raw(body=body, content_type=operation.media_type)) for what, body in other]
        survived += _odd_json(operation)
    malformed, odd = Edits(Want.REFUSED, tuple(refused)), Edits(Want.SURVIVED, (*refused, *survived))
    yield _rule(operation, "body/malformed", "a malformed body must be refused", source, malformed)
    yield _rule(operation, "body/survived", "an odd or malformed body must not make the server fail", source, odd)


def _odd_json(operation: Operation) -> Iterator[Edit]:
    """Yield bodies that a JSON parser may stumble over, in a text or a number where the operation takes one."""
    number, string = _named(operation, "integer", "number"), _named(operation, "string")
    for what, name, value in (
        ("arrays nested 50000 deep", None, b"[" * _DEPTH + b"]" * _DEPTH),
        ("a number of 5000 digits", number, b"9" * _DIGITS),
        ("a number too large for a double", number, b"1e999"),
        ("a body that is not UTF-8", string, b'"\xff\xfe"'),
        ("half of a surrogate pair", string, b'"\\ud83e"'),
    ):
        member = json.dumps(name or "other").encode() + b": " + value
        # The odd value takes the place of the field's own, for no parser need take the same name twice.
        yield Edit(what, {name: ABSENT} if name else {}, raw=Raw(damage=Damage(member)))


def _named(operation: Operation, *types: str) -> str | None:
    """Return the name of the first field in the body that is of one of these types."""
    fields = ((n, schema) for n, schema in operation.request.properties.items() if n not in operation.parameters)
    return next((name for name, schema in fields if {*schema.types} & {*types}), None)


def _parts(contract: Contract, operation: Operation, api: Api) -> Iterator[Rule]:
    body = contract.source(operation.body, f"content: {operation.media_type}")
    front = Edit(
        "the file parts in front", raw=Raw(order=tuple(n for n in operation.request.properties if n in operation.files))
    )
    about = Edits(Want.ACCEPTED, (front,))
    yield _rule(operation, "body/part-order", "the parts of a form may come in any order", body, about)
    name = operation.files[0]
    encoding = f"{operation.body}/encoding/{name}/contentType"
    if encoding not in contract.lines:
        return
    file = api.sample(operation, name)
    labels = {
        f"{name} sent as application/octet-stream": evolve(file, content_type="application/octet-stream"),
        f"{name} sent under the file name 'upload'": evolve(
            file, filename="upload", content_type="application/octet-stream"
        ),
        f"{name} sent under a full path": evolve(
            file, filename=f"/home/otter/My pictures/otter (1){_suffix(file.filename)}"
        ),
    }
    edits = tuple(Edit(what, {name: upload}) for what, upload in labels.items())
    about, words = Edits(Want.ACCEPTED, edits), f"{name} may come with another media type or file name"
    yield _rule(operation, f"{name}/label", words, contract.source(encoding), about)


def _suffix(filename: str) -> str:
    _, dot, suffix = filename.rpartition(".")
    return dot + suffix


def _integers(contract: Contract, operation: Operation) -> Iterator[Rule]:
    """Yield that an integer may be written with a fraction of zero (JSON Schema 2020-12, core, section 4.2.3)."""
    for name, schema in operation.request.properties.items():
        keyword = next((one for one in schema.keywords if one.name == "type" and one.value == "integer"), None)
        values = [value for value in inside(schema) if isinstance(value, int)]
        if keyword is None or not values or operation.is_text(name):
            continue
        whole = float(min(values))
        edits = (Edit(f"{name} = {whole}", {name: whole}),)
        source = contract.source(keyword.pointer)
        about, words = Edits(Want.ACCEPTED, edits), f"{name} may be written as {whole}"
        yield Rule(f"{operation.id}/{name}/integer-form", Level.ADVICE, operation.id, source, about, title=words)


def _routes(contract: Contract, operation: Operation) -> Iterator[Rule]:
    source = contract.source(operation.pointer, f"{operation.method} {operation.path}")
    other = Edit("a path that no document names", raw=Raw(path=f"{operation.path}/no-such-path"))
    denied = Edits(Want.DENIED, (other,))
    yield _rule(operation, "path", "a path that no document names must not succeed", source, denied)
    documented = {one.method for one in contract.operations.values() if one.path == operation.path}
    method = next(name for name in ("PUT", "DELETE", "PATCH", "POST") if name not in documented)
    denied = Edits(Want.DENIED, (Edit(f"the method {method}", raw=Raw(method=method)),))
    yield _rule(operation, "method", f"the method {method} must not succeed", source, denied)


def _keys(source: Source, operation: Operation) -> Iterator[Rule]:
    wrong = {
        "a request without a key": "",
        _LIKE_A_KEY: f"Bearer {WRONG_KEY}",
        _UNLIKE_A_KEY: f"Bearer {_OTHER_KEY}",
        "a key without its scheme": WRONG_KEY,
        "a scheme without a key": "Bearer",
    }
    edits = tuple(Edit(what, raw=Raw(authorization=value)) for what, value in wrong.items())
    about = Edits(Want.REFUSED, edits, about_keys=True)
    title = "a missing or wrong key must be refused"
    yield Rule(f"{operation.id}/security", Level.STRICT, operation.id, source, about, Unless.KEYS, title=title)


def keys_taken(cases: Collection[str]) -> str:
    """Say which wrong keys a server takes, by the cases about keys that it accepted.

    Mocks take any key on purpose, and so do servers that only look whether one looks like a key; a person who reads the
    verdict should see which of the two it is.
    """
    both = {_LIKE_A_KEY, _UNLIKE_A_KEY} <= {*cases}
    kinds = dict.fromkeys("any key" if both and what in (_LIKE_A_KEY, _UNLIKE_A_KEY) else what for what in cases)
    return f"{' and '.join(kinds)} {'is' if len(kinds) == 1 else 'are'} accepted"

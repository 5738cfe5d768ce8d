"""Makes the pages of a contract and its rules; nothing here knows a field by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from attrs import evolve

from conformance.suite.contract.document import Contract
from conformance.suite.contract.nodes import as_list, as_map, escape
from conformance.suite.contract.operation import Operation
from conformance.suite.rules.rule import Rule
from scripts.docs import examples, fields, places, rows, words
from scripts.docs.page import Answer, Conditional, Object, OperationPage, Reference
from scripts.docs.places import ERROR, OPERATION, RESPONSE, SECURITY, Held


def read(contract: Contract, rules: Iterable[Rule], address: str | None = None) -> Reference:
    """Make the pages; ``rules`` are those that a server is held to.

    ``address`` is the base URL that they name, by default the one in the contract.
    """
    rules = tuple(rules)
    held = {operation.id: places.held(rules, operation) for operation in contract.operations.values()}
    info = as_map(contract.document.get("info"))
    servers = [as_map(server) for server in as_list(contract.document.get("servers"))]
    address = address or str(servers[0].get("url") if servers else "http://127.0.0.1:8080").rstrip("/")
    return Reference(
        title=str(info.get("title", "")),
        version=str(info.get("version", "")),
        summary=str(info.get("summary", "")),
        description=str(info.get("description", "")),
        address=address,
        operations=tuple(
            _operation(contract, operation, held[operation.id], address) for operation in contract.operations.values()
        ),
        objects=_objects(contract, held),
    )


def _operation(contract: Contract, operation: Operation, held: Held, address: str) -> OperationPage:
    found = as_map(contract.at(operation.pointer))
    blocks = operation.request.blocks
    return OperationPage(
        operation=operation,
        title=str(found.get("summary") or operation.id),
        authentication=tuple(_authentication(contract, operation)),
        rows=rows.of_request(operation, held),
        conditionals=tuple(Conditional(b.condition.label, words.condition(b.condition, operation)) for b in blocks),
        answers=tuple(_answers(contract, operation)),
        results=rows.of_answer(operation.answer, RESPONSE, held),
        errors=rows.of_answer(operation.error, ERROR, held),
        rules=held.get(OPERATION, ()),
        key_rules=held.get(SECURITY, ()),
        answer_rules=held.get((RESPONSE, ()), ()),
        error_rules=held.get((ERROR, ()), ()),
        examples=tuple(examples.of(contract, operation, address)),
        answer=examples.answer(contract, operation),
        controls=tuple(fields.controls(contract, operation)),
    )


def _objects(contract: Contract, held: dict[str, Held]) -> tuple[Object, ...]:
    """Return every object that the contract names and an answer holds, with the rules of all operations."""
    every = places.merged(held.values())
    found: dict[str, Object] = {}
    for operation in contract.operations.values():
        for root, owner in ((operation.answer, RESPONSE), (operation.error, ERROR)):
            for one in rows.of_answer(root, owner, every):
                if places.object_name(one.schema) == one.name:
                    known = found.setdefault(one.name, one)
                    found[one.name] = evolve(known, used=(*known.used, operation.id))
    return tuple(found.values())


def _authentication(contract: Contract, operation: Operation) -> Iterator[str]:
    """Say in Markdown how the caller is known, a line for each way."""
    if operation.security is None:
        return
    schemes = as_map(as_map(contract.document.get("components")).get("securitySchemes"))
    for name in dict.fromkeys(name for each in as_list(contract.at(operation.security)) for name in as_map(each)):
        scheme = as_map(schemes.get(name))
        described = str(scheme.get("description", ""))
        match scheme.get("type"), scheme.get("scheme"):
            case "http", str(kind):
                sent = f"`Authorization: {kind.capitalize()} …`"
            case "apiKey", _:
                sent = f"`{scheme.get('name')}` in {scheme.get('in')}"
            case other, _:
                sent = f"`{other or name}`"
        yield f"{described} {sent}".strip()


def _answers(contract: Contract, operation: Operation) -> Iterator[Answer]:
    responses = f"{operation.pointer}/responses"
    for status in as_map(contract.at(responses)):
        found, pointer = contract.reader.resolve(f"{responses}/{escape(status)}")
        content = as_map(found.get("content"))
        named = ((name, f"{pointer}/content/{escape(name)}/schema", as_map(body)) for name, body in content.items())
        yield Answer(
            status,
            str(found.get("description", "")),
            tuple(
                (name, places.object_name(contract.reader.schema(at)) if "schema" in body else None)
                for name, at, body in named
            ),
        )

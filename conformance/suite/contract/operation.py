"""One operation of the contract: how it is called, what it takes, and what it answers.

All that a request gives is one set of fields, wherever it travels: in the body, in the query or in the path. An
operation whose body may have several media types is several operations, the first under its own id and each other one
under ``<id>+<subtype>``, because what each asks of a request differs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attrs import evolve, field, frozen

from conformance.suite.contract.nodes import ContractError, as_list, as_map, escape
from conformance.suite.contract.reading import Reader, description
from conformance.suite.contract.schema import Schema

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
FORM = "multipart/form-data"


@frozen
class Operation:
    """One operation with one media type of its body, or none.

    ``parameters`` says of each field that doesn't travel in the body whether it goes into ``path`` or ``query``.
    ``answer`` and ``error`` are the schemas of the JSON that a success and a refusal hold, None where the contract
    doesn't say; ``success`` and ``refusal`` point to these responses, and ``answer_types`` are the media types that a
    success may have. ``security`` points to what is said about credentials, None if none are asked for.
    """

    id: str
    method: str
    path: str
    pointer: str
    description: str
    media_type: str | None
    request: Schema = field(hash=False)
    parameters: Mapping[str, str] = field(hash=False)
    answer: Schema | None = field(hash=False)
    error: Schema | None = field(hash=False)
    success: str | None
    refusal: str | None
    answer_types: tuple[str, ...]
    security: str | None

    @property
    def is_form(self) -> bool:
        """Whether the request body is a multipart form."""
        return self.media_type == FORM

    def is_text(self, name: str) -> bool:
        """Whether a field travels as text, where there is no null: in a form, in the query or in the path."""
        return self.is_form or name in self.parameters

    @property
    def files(self) -> tuple[str, ...]:
        """The names of the fields that are files, those that are required first."""
        names = [name for name, schema in self.request.properties.items() if schema.is_file]
        return tuple(sorted(names, key=lambda name: name not in self.request.required))

    @property
    def body(self) -> str:
        """The pointer to the media type of the body, or to the operation if it has none."""
        if self.media_type is None:
            return self.pointer
        return f"{self.pointer}/requestBody/content/{escape(self.media_type)}"


def operations(reader: Reader, path: str, item: Mapping[str, object]) -> Iterator[Operation]:
    """Yield the operations of one path; raises ContractError if something that is needed lacks."""
    for method in METHODS:
        if method not in item:
            continue
        pointer = f"/paths/{escape(path)}/{method}"
        found = as_map(item[method])
        parameters = _parameters(reader, pointer, item, found)
        first = _operation(reader, method, path, found, parameters)
        body = as_map(found.get("requestBody"))
        media_types = list(as_map(body.get("content")))
        if not media_types:
            yield first
        for media_type in media_types:
            schema = reader.schema(f"{pointer}/requestBody/content/{escape(media_type)}/schema")
            if not schema.properties:
                raise ContractError(f"{pointer} takes a body of {media_type} that is no object with properties")
            request = evolve(
                schema,
                properties={**first.request.properties, **schema.properties},
                required={**first.request.required, **schema.required},
            )
            id_ = first.id if media_type == media_types[0] else f"{first.id}+{media_type.rpartition('/')[2]}"
            yield evolve(first, id=id_, media_type=media_type, request=request)


def _operation(
    reader: Reader,
    method: str,
    path: str,
    found: Mapping[str, object],
    parameters: tuple[Schema, Mapping[str, str]],
) -> Operation:
    pointer = f"/paths/{escape(path)}/{method}"
    responses = as_map(found.get("responses"))
    success = next((status for status in responses if str(status).startswith("2")), None)
    refusal = next((status for status in responses if str(status).startswith("4")), None)
    types = as_map(as_map(responses[success]).get("content") if success else None)
    request, places = parameters
    return Operation(
        id=str(found["operationId"]),
        method=method.upper(),
        path=path,
        pointer=pointer,
        description=str(found.get("description") or found.get("summary") or f"{method.upper()} {path}"),
        media_type=None,
        request=request,
        parameters=places,
        answer=_json(reader, pointer, responses, success),
        error=_json(reader, pointer, responses, refusal),
        success=f"{pointer}/responses/{success}" if success else None,
        refusal=f"{pointer}/responses/{refusal}" if refusal else None,
        answer_types=tuple(types),
        security=_security(reader, pointer, found),
    )


def _json(reader: Reader, pointer: str, responses: Mapping[str, object], status: str | None) -> Schema | None:
    """Return the schema of the JSON that a response holds, or None."""
    content = as_map(as_map(responses[status]).get("content") if status else None)
    media_type = json_type(tuple(content))
    if media_type is None or "schema" not in as_map(content[media_type]):
        return None
    return reader.schema(f"{pointer}/responses/{status}/content/{escape(media_type)}/schema")


def json_type(media_types: tuple[str, ...]) -> str | None:
    """Return the first of the media types that is JSON (RFC 8259, RFC 6839), or None."""
    return next((name for name in media_types if name == "application/json" or name.endswith("+json")), None)


def _security(reader: Reader, pointer: str, found: Mapping[str, object]) -> str | None:
    if "security" in found:
        return f"{pointer}/security" if as_list(found["security"]) else None
    return "/security" if as_list(reader.document.get("security")) else None


def _parameters(
    reader: Reader, pointer: str, item: Mapping[str, object], found: Mapping[str, object]
) -> tuple[Schema, Mapping[str, str]]:
    """Return the parameters in path and query as one schema, and where each travels."""
    shared = pointer.rpartition("/")[0]
    at = [f"{shared}/parameters/{index}" for index in range(len(as_list(item.get("parameters"))))]
    at += [f"{pointer}/parameters/{index}" for index in range(len(as_list(found.get("parameters"))))]
    properties: dict[str, Schema] = {}
    required: dict[str, str] = {}
    places: dict[str, str] = {}
    for here in at:
        parameter, place = reader.resolve(here)
        name, where = str(parameter["name"]), str(parameter["in"])
        if where not in ("path", "query"):
            continue
        schema = reader.schema(f"{place}/schema")
        described = description((parameter, place))
        properties[name] = evolve(schema, description=described or schema.description)
        places[name] = where
        if parameter.get("required"):
            required[name] = f"{place}/required"
    return Schema(f"{pointer}/parameters" if at else pointer, properties=properties, required=required), places

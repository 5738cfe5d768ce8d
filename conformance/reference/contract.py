"""The contract as the server reads it: operations, their request schemas, and the keywords that hold for a field.

Nothing is copied out of the contract in advance. An ``Operation`` points into the parsed document that the server was
given, so a contract with a keyword more or less makes a server that enforces a rule more or less.
"""

from collections.abc import Iterator, Mapping
from functools import cached_property, lru_cache
from typing import Any, Final, TypeAlias, cast

import attrs
import yaml
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012, Schema, SchemaRegistry

from conformance import CONTRACT
from conformance.reference.values import Kind

Node: TypeAlias = Mapping[str, Any]
"""An object inside the parsed contract, or the whole of it."""

KINDS: Final[tuple[Kind, ...]] = ("generations", "edits", "variations")
FILE_FIELDS: Final = frozenset({"image", "mask"})
"""The fields that the documents call files, whatever a schema says about their format."""

_CONTRACT_URI: Final = "urn:contract"
_EMPTY: Final[SchemaRegistry] = Registry()


@lru_cache(maxsize=1)
def load_contract() -> Node:
    """Read and parse ``openapi.yaml``, once for the whole process; the caller must not change what it gets."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return cast("Node", yaml.load(CONTRACT.read_text(encoding="utf-8"), Loader=loader))  # noqa: S506 - both are safe


@attrs.frozen
class Operation:
    """One operation of the contract, ``#/paths/~1images~1{kind}/post``."""

    document: Node = attrs.field(repr=False, eq=False)
    kind: Kind

    @property
    def path(self) -> str:
        """The path below the base URL, such as ``/images/edits``."""
        return f"/images/{self.kind}"

    @cached_property
    def media_type(self) -> str:
        """The only media type that the request body may have."""
        return next(iter(self._post["requestBody"]["content"]))

    @cached_property
    def needs_key(self) -> bool:
        """Whether the contract puts this operation under a security scheme."""
        return bool(self._post.get("security", self.document.get("security")))

    @cached_property
    def properties(self) -> Mapping[str, Node]:
        """The schema of each field by name, in the order of the contract."""
        found: dict[str, Node] = {}
        for properties in keyword_values(self.document, self._schema, "properties"):
            found |= properties
        return found

    @cached_property
    def validator(self) -> Draft202012Validator:
        """Judges the fields of a request against the request schema, with references into the whole contract."""
        resource = DRAFT202012.create_resource(cast("Schema", self.document))
        registry = _EMPTY.with_resource(_CONTRACT_URI, resource)
        path = f"paths/~1images~1{self.kind}/post/requestBody/content/{self.media_type.replace('/', '~1')}/schema"
        return Draft202012Validator({"$ref": f"{_CONTRACT_URI}#/{path}"}, registry=registry)

    def is_file(self, name: str) -> bool:
        """Whether a field is due as a file: by its format in the contract, or because the documents say so."""
        schema = self.properties.get(name, {})
        return name in FILE_FIELDS or "binary" in keyword_values(self.document, schema, "format")

    def types(self, name: str) -> frozenset[str]:
        """Which JSON types the contract admits for a field; empty when it doesn't say."""
        found: set[str] = set()
        for types in keyword_values(self.document, self.properties.get(name, {}), "type"):
            found |= {types} if isinstance(types, str) else set(types)
        return frozenset(found)

    def default(self, name: str) -> object:
        """Look up the value that the contract gives to an absent field, or None."""
        return next(keyword_values(self.document, self.properties.get(name, {}), "default"), None)

    @property
    def _post(self) -> Node:
        return self.document["paths"][self.path]["post"]

    @property
    def _schema(self) -> Node:
        return self._post["requestBody"]["content"][self.media_type]["schema"]


def find_operations(document: Node) -> tuple[Operation, ...]:
    """List the operations that both the contract and this server know."""
    paths = document.get("paths", {})
    return tuple(Operation(document, kind) for kind in KINDS if "post" in paths.get(f"/images/{kind}", {}))


def keyword_values(document: Node, schema: Node, keyword: str) -> Iterator[Any]:
    """Find the values of a keyword in a schema and in those it refers to or combines."""
    if keyword in schema:
        yield schema[keyword]
    if "$ref" in schema:
        yield from keyword_values(document, _resolve(document, schema["$ref"]), keyword)
    for combined in ("allOf", "anyOf", "oneOf"):
        for branch in schema.get(combined, ()):
            yield from keyword_values(document, branch, keyword)


def _resolve(document: Node, reference: str) -> Node:
    """Follow a reference inside the document (RFC 6901, section 6)."""
    node: Any = document
    for step in reference.removeprefix("#/").split("/"):
        node = node[step.replace("~1", "/").replace("~0", "~")]
    return node

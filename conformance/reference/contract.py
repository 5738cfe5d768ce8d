"""The contract as the server reads it: operations, their request schemas, and what is said of each field.

Nothing is copied out of the contract in advance. An ``Operation`` points into the parsed document that the server was
given, so a contract with a keyword more or less makes a server that enforces a rule more or less.
"""

import re
from collections.abc import Mapping
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, ClassVar, Final, cast

import attrs
import yaml

from conformance import CONTRACT
from conformance.reference.fields import gather, keyword_values, keyword_values_below
from conformance.reference.quick import Check, quick_check
from conformance.reference.schemas import formats_of, validator
from conformance.reference.values import Kind, Limits, Node

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator, FormatChecker

KINDS: Final[tuple[Kind, ...]] = ("generations", "edits", "variations")

_FORM: Final = "multipart/form-data"
_TEXT_TYPES: Final = re.compile(r"text/.*|application/(.*\+)?json")
_FIELDS: Final = "x-fields"

_SCALARS: Final[Mapping[str, str]] = {
    "null": "null|Null|NULL|~|",
    "bool": "true|True|TRUE|false|False|FALSE",
    "int": "[-+]?(?:0|[1-9][0-9]*)",
    "float": r"[-+]?(?:0|[1-9][0-9]*)(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?",
}
_Safe: Final = cast("type[yaml.SafeLoader]", getattr(yaml, "CSafeLoader", yaml.SafeLoader))


class _Loader(_Safe):
    """Takes for no text only what YAML 1.2 does (section 10.3.2), as OpenAPI prescribes.

    PyYAML keeps to YAML 1.1 by itself, where ``on`` is true, ``16:9`` is 969 and ``2024-01-31`` is a date.
    """

    yaml_implicit_resolvers: ClassVar[dict[str | None, list[tuple[str, re.Pattern[str]]]]] = {  # pyright: ignore[reportIncompatibleVariableOverride] - its stubs forget that it belongs to the class
        None: [(f"tag:yaml.org,2002:{name}", re.compile(rf"(?:{text})\Z")) for name, text in _SCALARS.items()]
    }


@lru_cache(maxsize=1)
def load_contract() -> Node:
    """Read and parse ``openapi.yaml``, once for the whole process; the caller must not change what it gets."""
    return parse_contract(CONTRACT.read_text(encoding="utf-8"))


def parse_contract(text: str) -> Node:
    """Parse a document of YAML 1.2 or JSON."""
    return cast("Node", yaml.load(text, Loader=_Loader))  # noqa: S506 - it is a safe one


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
    def takes_form(self) -> bool:
        """Whether the request body is a form."""
        return self.media_type == _FORM

    @cached_property
    def needs_key(self) -> bool:
        """Whether the contract puts this operation under a security scheme."""
        return bool(self._post.get("security", self.document.get("security")))

    @cached_property
    def properties(self) -> Mapping[str, Node]:
        """The schema of each field by name, in the order of the contract."""
        return gather(self.document, self._body["schema"])

    @cached_property
    def validator(self) -> "Draft202012Validator":
        """Judges the fields of a request against the request schema."""
        path = f"/paths/~1images~1{self.kind}/post/requestBody/content/{self.media_type.replace('/', '~1')}/schema"
        return validator(self.document, path, self._formats)

    @cached_property
    def surely_admits(self) -> Check:
        """Tell of most right requests that they are right, many times faster than the validator; see ``quick``."""
        return quick_check(self.document, self._body["schema"], lambda: self._formats)

    @cached_property
    def judges(self) -> "Mapping[str, Draft202012Validator]":
        """Judges each field by itself, apart from what holds under a condition."""
        # Beside the contract's own parts, so that references into it still hold.
        document = {**self.document, _FIELDS: list(self.properties.values())}
        return {
            name: validator(document, f"/{_FIELDS}/{position}", self._formats)
            for position, name in enumerate(self.properties)
        }

    def is_file(self, name: str) -> bool:
        """Whether a field can be sent as a file: it has a binary value somewhere, or is always a file."""
        return name in self._binary or self.is_always_file(name)

    @cached_property
    def _binary(self) -> frozenset[str]:
        """The fields that have a binary value somewhere."""
        schemas = self.properties.items()
        return frozenset(n for n, one in schemas if "binary" in keyword_values_below(self.document, one, "format"))

    def is_always_file(self, name: str) -> bool:
        """Whether the contract encodes a field as something else than text, whatever its schema says."""
        types = self._body.get("encoding", {}).get(name, {}).get("contentType", "")
        return bool(types) and not any(_TEXT_TYPES.fullmatch(found.strip().lower()) for found in types.split(","))

    def default(self, name: str) -> object:
        """Look up the value that the contract gives to an absent field, or None."""
        return self._defaults.get(name)

    @cached_property
    def _defaults(self) -> Mapping[str, object]:
        found = ((name, keyword_values(self.document, one, "default")) for name, one in self.properties.items())
        return {name: next(values, None) for name, values in found}

    def widen(self, limits: Limits) -> Limits:
        """Make room in a request for the lists that the contract admits, up to a bound of this server's own."""
        if not self._longest_lists:
            return limits
        texts = sum(min(count, limits.items) for count in self._longest_lists.values())
        files = sum(min(count, limits.files) for name, count in self._longest_lists.items() if self.is_file(name))
        room = limits.body_bytes + files * limits.file_bytes
        return attrs.evolve(limits, parts=limits.parts + texts, body_bytes=room)

    @cached_property
    def _longest_lists(self) -> Mapping[str, int]:
        """How many items the contract lets a field have, where it has a list and says so."""
        bounds = {
            name: keyword_values_below(self.document, schema, "maxItems") for name, schema in self.properties.items()
        }
        longest = {name: max((n for n in found if isinstance(n, int)), default=0) for name, found in bounds.items()}
        return {name: count for name, count in longest.items() if count}

    @cached_property
    def _formats(self) -> "FormatChecker":
        return formats_of(form=self.takes_form)

    @property
    def _post(self) -> Node:
        return self.document["paths"][self.path]["post"]

    @property
    def _body(self) -> Node:
        return self._post["requestBody"]["content"][self.media_type]


def find_operations(document: Node) -> tuple[Operation, ...]:
    """List the operations that both the contract and this server know."""
    paths = document.get("paths", {})
    return tuple(Operation(document, kind) for kind in KINDS if "post" in paths.get(f"/images/{kind}", {}))

"""Single schemas, read the way those of a contract are."""

from typing import Any

import yaml

from conformance.suite.contract.document import parse
from conformance.suite.contract.schema import Schema


def read(thing: dict[str, Any], **components: Any) -> Schema:  # noqa: ANN401 - schemas
    """Read a schema as the property of a request."""
    body = {"type": "object", "properties": {"thing": thing}}
    operation = {"operationId": "make", "requestBody": {"content": {"application/json": {"schema": body}}}}
    document = {"paths": {"/things": {"post": operation}}, "components": {"schemas": components}}
    contract = parse(yaml.safe_dump(document).encode())
    return contract.operations["make"].request.properties["thing"]

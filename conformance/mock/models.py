"""The models that the mock offers: the list of them, and the refusal of others where only some are offered.

By default those of the contract are listed, and any name is taken. How a model behaves is the contract's business: it
says what holds for each of the models that it names, and what for any other.
"""

from collections.abc import Sequence
from functools import partial
from http import HTTPStatus
from typing import Final

import attrs
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from conformance.reference import Behaviour, JsonValue, Operation, RefusedError, Values
from conformance.reference.contract import find_operations
from conformance.reference.errors import encode_json
from conformance.reference.fields import keyword_values

_FIELD: Final = "model"
_OWNER: Final = "images-mock"


def documented(behaviour: Behaviour) -> tuple[str, ...]:
    """List the models that the contract names, in its order."""
    schemas = [operation.properties.get(_FIELD, {}) for operation in find_operations(behaviour.contract)]
    named = [keyword_values(behaviour.contract, schema, "enum") for schema in schemas]
    return tuple(dict.fromkeys(name for values in named for enum in values for name in enum if isinstance(name, str)))


def restrict(behaviour: Behaviour, models: Sequence[str]) -> Behaviour:
    """Have a server refuse every request that names another model, before anything else in it is judged.

    A request that names none is for the contract's default, and is taken whatever is offered.
    """

    def validate(operation: Operation, values: Values) -> Values:
        model = values.get(_FIELD)
        if isinstance(model, str) and model not in models:
            raise _unknown(model, _FIELD)
        return behaviour.validate(operation, values)

    return attrs.evolve(behaviour, validate=validate)


def routes(base: str, behaviour: Behaviour, models: Sequence[str]) -> list[BaseRoute]:
    """Make the routes of the list and of each model in it, for which a key is needed as for the operations."""
    entry = partial(_entry, created=int(behaviour.clock()))

    async def listing(request: Request) -> Response:
        behaviour.check_credentials(behaviour.api_key, request.headers)
        return _json({"object": "list", "data": [entry(name) for name in models]})

    async def one(request: Request) -> Response:
        behaviour.check_credentials(behaviour.api_key, request.headers)
        name = str(request.path_params["name"])
        if name not in models:
            raise _unknown(name, None)
        return _json(entry(name))

    return [Route(f"{base}/models", listing), Route(base + "/models/{name:path}", one)]


def _entry(name: str, created: int) -> JsonValue:
    """Build one model as the vendor's list has it; ``created`` is when the mock started, in Unix time."""
    return {"id": name, "object": "model", "created": created, "owned_by": _OWNER}


def _json(value: JsonValue) -> Response:
    return Response(encode_json(value), media_type="application/json")


def _unknown(name: str, param: str | None) -> RefusedError:
    message = f"The model '{name[:100]}' does not exist."
    return RefusedError(message, param, status=HTTPStatus.NOT_FOUND, code="model_not_found")

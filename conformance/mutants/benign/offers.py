"""Correct servers that offer less than the reference: few models, models of their own, or not every operation."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import attrs
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from conformance.mutants.benign.choices import benign
from conformance.mutants.benign.serving import in_process
from conformance.mutants.mutant import Benign
from conformance.reference import Behaviour, Operation, RefusedError, Values, create_app
from conformance.reference.answers import build_response
from conformance.reference.errors import build_refusal
from conformance.reference.validation import validate


def servers() -> Iterator[Benign]:
    """Yield the servers of this module."""
    yield from _models()
    yield from _operations()


def _models() -> Iterator[Benign]:
    def offering(*models: str | None, status: int = 404) -> Callable[[], ASGIApp]:
        def only(operation: Operation, values: Values) -> Values:
            if values.get("model") not in models:
                raise RefusedError("There is no such model.", "model", status, code="model_not_found")
            return validate(operation, values)

        return lambda: create_app(Behaviour(validate=only))

    def own(operation: Operation, values: Values) -> Values:
        """Take the server's own name of dall-e-2 for it."""
        if values.get("model") not in ("sdxl", None):
            raise RefusedError("There is no such model.", "model", 404)
        return validate(operation, {**values, "model": "dall-e-2"})

    def by_operation(operation: Operation, values: Values) -> Values:
        if values.get("model") not in ("flux" if operation.kind == "edits" else "sdxl", None):
            raise RefusedError("There is no such model.", "model", 404)
        return validate(operation, {**values, "model": "dall-e-2"})

    two = "only dall-e-2 is offered"
    yield benign("only-dall-e-2", two, offering("dall-e-2", None))
    yield benign("only-dall-e-2-400", f"{two}, others get 400", offering("dall-e-2", None, status=400))
    yield benign("only-dall-e-3", "only dall-e-3 is offered", offering("dall-e-3"))
    # In the other operations that looks like a server that refuses everything.
    three = benign("only-dall-e-3-400", "only dall-e-3 is offered, others get 400", offering("dall-e-3", status=400))
    yield attrs.evolve(three, only=("createImage/*",))
    sdxl = attrs.evolve(benign("only-sdxl", "only a model of its own is offered", offering("sdxl")), model="sdxl")
    yield sdxl
    yield attrs.evolve(sdxl, id="only-sdxl-400", serve=lambda: in_process(offering("sdxl", status=400)()))
    yield attrs.evolve(
        benign("sdxl-by-default", "a model of its own is offered, also unnamed", offering("sdxl", None)), model="sdxl"
    )
    yield benign("unnamed-only", "no model is known by name", offering(None, status=400))
    yield attrs.evolve(
        benign("sdxl-as-dall-e-2", "its own model plays dall-e-2", lambda: create_app(Behaviour(validate=own))),
        models=(("dall-e-2", "sdxl"),),
    )
    edits = "its own models play dall-e-2, another one in edits"
    yield attrs.evolve(
        benign("own-models-by-operation", edits, lambda: create_app(Behaviour(validate=by_operation))),
        models=(("dall-e-2", "sdxl"), ("createImageEdit:dall-e-2", "flux")),
    )
    yield attrs.evolve(
        benign("sdxl-not-offered", "the user's model is not offered", offering("dall-e-2", "dall-e-3", None)),
        model="sdxl",
    )


def _operations() -> Iterator[Benign]:
    def without(path: str, status: int) -> Callable[[], ASGIApp]:
        app = create_app()

        async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["path"].startswith(f"/v1/images/{path}"):
                refusal = RefusedError("This is not offered.", status=status)
                await build_refusal(refusal)(scope, receive, send)
            else:
                await app(scope, receive, send)

        return lambda: guarded

    def only(path: str, status: int) -> Callable[[], ASGIApp]:
        app = create_app()

        async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["path"].startswith((f"/v1/images/{path}", "/v1/images/files")):
                await app(scope, receive, send)
            else:
                await build_response({"detail": "Not Found"})(scope, receive, _with_status(send, status))

        return lambda: guarded

    for path in ("generations", "edits", "variations"):
        yield benign(f"no-{path}", f"{path} are not offered", without(path, 404))
    for status in (404, 405, 501):
        yield benign(f"only-generations-{status}", f"all but generations get {status}", only("generations", status))
    yield benign("only-edits", "only edits are offered", only("edits", 404))


def _with_status(send: Send, status: int) -> Send:
    async def changed(message: Message) -> None:
        await send({**message, "status": status} if message["type"] == "http.response.start" else message)

    return changed

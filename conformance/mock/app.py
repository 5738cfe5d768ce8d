"""Puts the mock together: the correct server with more routes, and layers around it, each about one subject.

From the outside in: ``connection`` can break it off, ``log`` tells of the request, ``identity`` names it, Starlette's
``CORSMiddleware`` opens it to pages of any origin, ``recording`` keeps it, ``methods`` answers OPTIONS, ``faults``
spoil its answer.
"""

from collections.abc import Sequence
from typing import Final, TextIO

import attrs
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from conformance.mock import models, pages, recording
from conformance.mock.connection import Connection
from conformance.mock.faults.armed import Armed
from conformance.mock.faults.grammar import Fault
from conformance.mock.faults.layer import Faults
from conformance.mock.identity import Identity
from conformance.mock.log import Log
from conformance.mock.methods import Methods
from conformance.mock.recording import Recorder, Recording
from conformance.reference import Behaviour, create_app
from conformance.reference.app import BASE

_SHOWN: Final = ("x-request-id", "openai-processing-ms", "retry-after", "retry-after-ms", "allow", "www-authenticate")
"""The header fields that a page may read beside those that it always may."""


@attrs.frozen
class Mock:
    """The mock as an ASGI application, and what it knows and was told beside it."""

    recorder: Recorder
    armed: Armed
    _layers: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; raises for anything else, which tells a server that its start and end are no events."""
        if scope["type"] != "http":
            message = "the mock speaks HTTP alone"
            raise RuntimeError(message)
        await self._layers(scope, receive, send)


def create_mock(
    behaviour: Behaviour | None = None,
    *,
    offered: Sequence[str] = (),
    fault: Fault | None = None,
    log: TextIO | None = None,
    alone: bool = True,
) -> Mock:
    """Make the mock around a server that behaves as told, correctly unless told otherwise.

    ``offered`` are the only models that it takes, any if there are none; ``fault`` is what operations have from the
    start; ``log`` is where its lines go; ``alone`` says that no other process serves the same port. Raises FaultError.
    """
    behaviour = behaviour or Behaviour()
    key = behaviour.api_key
    recorder, armed = Recorder(), Armed(fault, alone)
    shown = [
        *pages.routes(BASE, behaviour.read_origin, asks_for_key=key is not None),
        *models.routes(BASE, behaviour, offered or models.documented(behaviour)),
        *recording.routes(recorder, behaviour, alone=alone),
        Route("/healthz", _well),
    ]
    server = create_app(models.restrict(behaviour, offered) if offered else behaviour, routes=shown)
    layers: ASGIApp = Methods(Faults(server, armed))
    layers = Identity(_opened(Recording(layers, recorder, key) if alone else layers))
    return Mock(recorder, armed, Connection(Log(layers, log, key) if log else layers))


def _opened(app: ASGIApp) -> ASGIApp:
    """Let a page of any origin call an application; what comes without an origin comes from no page, and goes past.

    The key travels in a header field that a page sets by itself, never as what the Fetch standard calls credentials, so
    these are not allowed and any origin may be.
    """
    opened = CORSMiddleware(
        app,
        allow_origins=["*"],
        allow_methods=["*"],
        allow_headers=["*"],
        allow_private_network=True,
        expose_headers=_SHOWN,
    )

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        from_a_page = any(name == b"origin" for name, _ in scope["headers"])
        await (opened if from_a_page else app)(scope, receive, send)

    return serve


async def _well(_: Request) -> Response:
    """Say that the mock answers; asks for no key, so that whatever starts it can wait for it."""
    return Response(b'{"status":"ok"}', media_type="application/json")

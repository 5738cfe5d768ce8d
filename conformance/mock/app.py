"""Puts the mock together."""

from starlette.types import ASGIApp

from conformance.mock import pages
from conformance.reference import Behaviour, create_app
from conformance.reference.app import BASE


def create_mock(behaviour: Behaviour | None = None) -> ASGIApp:
    """Make the mock around a server that behaves as told, correctly unless told otherwise."""
    behaviour = behaviour or Behaviour()
    shown = pages.routes(BASE, behaviour.read_origin, asks_for_key=behaviour.api_key is not None)
    return create_app(behaviour, routes=shown)

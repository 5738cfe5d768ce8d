"""What the pages have in common: Jinja with escaping on, and a policy that permits what they bring themselves."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from conformance.suite.exchange.words import visible

_TEMPLATES = Path(__file__).with_name("templates")


@cache
def environment() -> Environment:
    """Return what renders the templates, which it compiles but once; ``visible`` is among its filters."""
    made = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["visible"] = visible
    return made


def source(made: Environment, name: str) -> str:
    """Return a file of a page as it is."""
    assert made.loader is not None  # noqa: S101 - it was made with one
    return made.loader.get_source(made, name)[0]


def policy_hash(text: str) -> str:
    """Return how a content security policy names a text that it permits."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"

"""Renders the pages: as Markdown for the repository, and as HTML for the mock.

The templates of the HTML escape whatever comes from the contract; Markdown in its descriptions may neither hold HTML
nor show an image, so that a page loads nothing from elsewhere.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup

from conformance.mock.pages import KEY
from conformance.suite.rules.titles import title
from scripts.docs.page import Reference

_TEMPLATES: Final = Path(__file__).with_name("templates")
_COMMONMARK: Final = MarkdownIt("commonmark", {"html": False}).disable("image")
_BLANKS: Final = re.compile(r"\n{3,}")
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9_-]+")


def slug(name: str) -> str:
    """Return the name of a page without its suffix."""
    return _UNSAFE.sub("-", name)


def markdown(reference: Reference) -> dict[str, str]:
    """Return the pages as Markdown by file name."""
    environment = _environment(escape=False)
    environment.filters |= {"cell": _cell, "html": html.escape}
    return _pages(environment, reference, ".md", "README")


def pages(reference: Reference) -> dict[str, str]:
    """Return the pages as HTML by file name; the mock fills in its address and whether it asks for a key."""
    environment = _environment(escape=True)
    environment.filters |= {"markdown": _markdown, "inline": _inline}
    return _pages(environment, reference, ".html", "index")


def _pages(environment: Environment, reference: Reference, suffix: str, index: str) -> dict[str, str]:
    shared = {"reference": reference, "names": {each.name for each in reference.objects}, "title": title, "key": KEY}

    def rendered(template: str, **given: object) -> str:
        text = environment.get_template(f"{template}{suffix}.j2").render(**shared, **given)
        return _BLANKS.sub("\n\n", text).strip() + "\n"

    found = {f"{index}{suffix}": rendered("index", page=None)}
    for operation in reference.operations:
        found[f"{slug(operation.operation.id)}{suffix}"] = rendered("operation", page=operation)
    for each in reference.objects:
        found[f"{slug(each.name)}{suffix}"] = rendered("object", page=each)
    return found


def _environment(*, escape: bool) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=escape,  # noqa: S701 - Markdown knows no such escapes; its templates have filters of their own
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    filters: Mapping[str, Callable[..., object]] = {"slug": slug}
    environment.filters |= filters
    return environment


def _cell(text: str) -> str:
    """Return Markdown as it may stand in a cell of a table."""
    return " ".join(text.split()).replace("|", "\\|")


def _markdown(text: str) -> Markup:
    return Markup(_COMMONMARK.render(text))  # noqa: S704 - rendered without HTML of its own


def _inline(text: str) -> Markup:
    return Markup(_COMMONMARK.renderInline(text))  # noqa: S704 - the same

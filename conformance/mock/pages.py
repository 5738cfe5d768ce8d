"""The pages that the mock shows to a browser: the API reference, with forms that try each operation.

The pages are files that ``make docs`` writes from the contract. They can't be rendered here, because they name the
rules of the suite, of which this server knows nothing; so they are shipped ready, and only what depends on the running
server is filled in: its address, and whether it asks for a key. A file is read when it is asked for, so that a server
that nobody asks for a page starts as fast as one without.
"""

import html
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

ADDRESS: Final = "http://mock.invalid/v1"
"""Stands in the pages for the base URL of the server (RFC 2606, section 2: no server has this name)."""
KEY: Final = "mock-asks-for-a-key"
"""Stands in the pages for ``yes`` or ``no``."""

_FOLDER: Final = Path(__file__).with_name("site")
_INDEX: Final = "index.html"
_TYPES: Final = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}
_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


def routes(base: str, read_origin: Callable[[Request], str], *, asks_for_key: bool) -> list[BaseRoute]:
    """Make the routes of the pages; ``base`` is the path of the API, and ``read_origin`` where a client reaches it."""

    def page(request: Request) -> Response:
        name = str(request.path_params.get("name", _INDEX))
        # The name is one of the folder's own, so that no path leads out of it.
        found = next((path for path in _FOLDER.iterdir() if path.name == name and path.suffix in _TYPES), None)
        if found is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        text = found.read_text(encoding="utf-8")
        if found.suffix == ".html":
            address = html.escape(read_origin(request) + base)
            text = text.replace(ADDRESS, address).replace(KEY, "yes" if asks_for_key else "no")
        return Response(text, media_type=_TYPES[found.suffix], headers=_HEADERS)

    return [Route("/", page), Route("/docs/{name}", page)]

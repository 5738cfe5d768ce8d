"""Servers whose reports are opened: one that answers the same to everything, and one that means harm."""

from __future__ import annotations

import asyncio
import base64
import io
import itertools
import json
import time
from collections.abc import Generator
from contextlib import contextmanager

import attrs
from PIL import Image
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from conformance.selftest.hostile.server import Asked, http, serving

LIVE = (
    "<script>window.owned = 1</script>",
    "</script><script>window.owned = 2</script>",
    "<img src=x onerror='window.owned = 3'>",
    "\"><svg onload='window.owned = 4'>",
    "<a href='javascript:window.owned = 5' style='position: fixed; inset: 0'>everything</a>",
    "</style><style>* { display: none !important }</style>",
    "<iframe srcdoc='<script>top.owned = 6</script>'></iframe>",
    "<meta http-equiv=refresh content='0;url=http://127.0.0.1:9/'><base href=http://127.0.0.1:9/>",
    "' autofocus onfocus='window.owned = 7' x='",
    '" autofocus onfocus="window.owned = 8" style="position: fixed; inset: 0" x="',
    "<form action=http://127.0.0.1:9/><button style='position: fixed; inset: 0'>all</button>",
    "-->]]></textarea></template></title></pre></code></details></main><script>window.owned = 9</script>",
    "{{ 7 * 7 }}${7 * 7}<%= 7 * 7 %>\\u003cscript>window.owned = 10\\u003c/script>",
    "\u202egnp.exe\u2066\u2069\u200f\u2028\u2029\ufeff\U000e0041\x1b[31m\x07\x00\x9b",
)
"""What becomes part of a page, or of a script in it, if it is not escaped for the place at which it stands."""
LINKS = (
    "javascript:window.owned = 11",
    "JaVaScRiPt:window.owned = 12",
    "data:text/html,<script>window.owned = 13</script>",
    "vbscript:window.owned",
    "file:///etc/passwd",
    "//127.0.0.1:9/x.png",
    "http://127.0.0.1:9/'onmouseover='window.owned = 14",
)
_SVG = (
    "<svg xmlns='http://www.w3.org/2000/svg' onload='window.owned = 15'><script>window.owned = 16</script>"
    "<image href='http://127.0.0.1:9/x.png'/></svg>"
)


def picture(side: int) -> str:
    """Return a square PNG of one colour, as base64."""
    file = io.BytesIO()
    Image.new("RGB", (side, side), "teal").save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


async def same(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer whatever is asked with one and the same image, as a server does that looks at nothing."""
    answer = {"created": int(time.time()), "data": [{"b64_json": picture(256)}]}
    await JSONResponse(answer)(scope, receive, send)


@attrs.define
class Harmful:
    """Puts what could become live wherever a server can put anything: bodies, errors, media types, headers, URLs."""

    _live: itertools.cycle[str] = attrs.field(factory=lambda: itertools.cycle(LIVE))

    async def __call__(self, asked: Asked, writer: asyncio.StreamWriter) -> None:
        """Accept one operation, refuse the next one in JSON and the third one in HTML, and serve a living image."""
        if not asked.is_call:
            writer.write(self._http(_SVG, "image/svg+xml"))
        elif asked.path.endswith("/generations"):
            links = (*LINKS, f"{asked.origin}/living.svg", next(self._live))
            data = [{"url": link, "revised_prompt": next(self._live)} for link in links]
            coded = [{"b64_json": base64.b64encode(_SVG.encode()).decode()}, {"b64_json": picture(256)}]
            answer = {"created": next(self._live), "data": [*coded, *data], next(self._live): 1}
            writer.write(self._http(json.dumps(answer), "application/json"))
        elif asked.path.endswith("/edits"):
            error = {name: next(self._live) for name in ("message", "type", "param", "code")}
            writer.write(self._http(json.dumps({"error": error}), f"application/json; {next(self._live)}", "400"))
        else:
            writer.write(self._http("".join(LIVE), "text/html", "500"))

    def _http(self, body: str, kind: str, status: str = "200") -> bytes:
        named = ("Server", "X-Request-Id", "Retry-After-Ms")
        headers = (_line(f"{name}: {next(self._live)}") for name in named)
        return http(body.encode(), _line(f"Content-Type: {kind}"), *headers, status=_line(f"{status} {LIVE[0]}"))


def _line(text: str) -> bytes:
    """Return what can stand in the head of an answer."""
    return text.encode().translate(None, bytes([*range(32), 127]))


@contextmanager
def harmful() -> Generator[str]:
    """Serve what means harm, and yield its base URL."""
    with serving(Harmful()) as origin:
        yield f"{origin}/v1"

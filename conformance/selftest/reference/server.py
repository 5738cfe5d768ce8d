"""Sends single requests to a reference server in process, and makes the files that are uploaded."""

import asyncio
import io
import json
from collections.abc import Mapping
from typing import Any, TypeAlias

import httpx
from PIL import Image
from starlette.types import ASGIApp

from conformance.reference import Behaviour, create_app

Json: TypeAlias = dict[str, Any]

BASE = "http://images.test/v1"
GENERATIONS = "/images/generations"
EDITS = "/images/edits"
VARIATIONS = "/images/variations"
PROMPT = "A cute baby sea otter"
SMALL = "256x256"
CORRECT = create_app()


def send(app: ASGIApp, method: str, url: str, **request: Any) -> httpx.Response:  # noqa: ANN401 - httpx decides what a request may have
    """Send one request; an error inside the server fails the test instead of becoming a 500."""

    async def exchange() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as client:
            return await client.request(method, url if url.startswith("http") else BASE + url, **request)

    return asyncio.run(exchange())


def generate(app: ASGIApp = CORRECT, /, **fields: object) -> httpx.Response:
    """Ask for a generation; the prompt and the smallest size are filled in unless given."""
    return generate_raw({"prompt": PROMPT, "size": SMALL} | fields, app)


def generate_raw(content: object, app: ASGIApp = CORRECT, content_type: str = "application/json") -> httpx.Response:
    """Ask for a generation with exactly this body: bytes as they are, anything else as JSON."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return send(app, "POST", GENERATIONS, content=body, headers={"Content-Type": content_type})


def edit(
    app: ASGIApp = CORRECT, /, *, image: bytes | None = None, mask: bytes | None = None, **fields: str
) -> httpx.Response:
    """Ask for an edit of an image with transparency, unless another one is given."""
    files = {"image": image if image is not None else png()} | ({} if mask is None else {"mask": mask})
    return send(app, "POST", EDITS, data={"prompt": PROMPT, "size": SMALL} | fields, files=files)


def vary(app: ASGIApp = CORRECT, /, *, image: bytes | None = None, **fields: str) -> httpx.Response:
    """Ask for a variation of an image."""
    files = {"image": image if image is not None else png()}
    return send(app, "POST", VARIATIONS, data={"size": SMALL} | fields, files=files)


def form(*parts: tuple[str, bytes, str | None], url: str = EDITS, app: ASGIApp = CORRECT) -> httpx.Response:
    """Send a form of parts (name, content, file name or None) in this order."""
    body = b"".join(
        f'--b\r\nContent-Disposition: form-data; name="{name}"'.encode()
        + (f'; filename="{filename}"' if filename is not None else "").encode()
        + b"\r\n\r\n"
        + content
        + b"\r\n"
        for name, content, filename in parts
    )
    return send(
        app, "POST", url, content=body + b"--b--\r\n", headers={"Content-Type": "multipart/form-data; boundary=b"}
    )


def png(
    size: tuple[int, int] = (16, 16), mode: str = "RGBA", colour: object = (200, 30, 90, 0), kind: str = "PNG"
) -> bytes:
    """Make an image file of one colour, by default a fully transparent PNG."""
    return pack(Image.new(mode, size, colour), kind)  # type: ignore[arg-type]


def pack(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:  # noqa: ANN401 - Pillow decides
    """Write an image into a file."""
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def opened(content: bytes) -> Image.Image:
    """Decode a PNG file completely."""
    with Image.open(io.BytesIO(content), formats=["PNG"]) as image:
        image.load()
        return image


def padded(content: bytes, length: int) -> bytes:
    """Lengthen a PNG file with bytes after its end, which every reader ignores."""
    return content + bytes(length - len(content))


def refusal(answer: httpx.Response, status: int = 400) -> Mapping[str, Any]:
    """Take the error out of an answer that must be a refusal in the envelope."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    assert set(body) == {"error"}
    error = body["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert error["type"] == "invalid_request_error"
    assert error["message"].endswith(".")
    return error


def refused_param(answer: httpx.Response) -> str | None:
    """Name the field that a 400 blames."""
    return refusal(answer)["param"]


def images(answer: httpx.Response) -> list[Json]:
    """Take the image objects out of an answer that must be a success."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    assert set(body) == {"created", "data"}
    return body["data"]


def contents(answer: httpx.Response, app: ASGIApp = CORRECT) -> list[bytes]:
    """Fetch the images of an answer from their URLs."""
    return [send(app, "GET", item["url"]).content for item in images(answer)]


def app_with(**changes: Any) -> ASGIApp:  # noqa: ANN401 - the fields of a behaviour
    """Make a server whose behaviour differs from the correct one in these fields."""
    return create_app(Behaviour(**changes))

"""What users of an SDK expect beside the generated client, in three pieces that work each without the others.

``retrying`` is a transport for httpx that repeats what failed for the moment, ``images_of`` raises an answer without
images as an exception, ``save`` writes an image to a file. What a server sends is hostile: none of it gets the client's
token, neither in a message nor at the URL of an image, and none of it is fetched beyond a bound.
"""

import base64
import json
import secrets
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import httpx
from openai_images_client import AuthenticatedClient
from openai_images_client.models import ErrorResponse, Image, ImagesResponse
from openai_images_client.types import Response

if TYPE_CHECKING:
    from httpx_retries import RetryTransport

__all__ = ["ImageFileError", "ImagesError", "images_of", "retrying", "save"]


@attrs.define
class ImagesError(Exception):
    """An answer without images: its status, and what the server says about it, without the client's token."""

    status: int
    message: str
    type_: str | None = None
    param: str | None = None
    code: str | None = None
    request_id: str | None = None

    def __str__(self) -> str:
        """Say in one line what a person needs to find the cause."""
        told = {"type": self.type_, "param": self.param, "code": self.code, "request id": self.request_id}
        return ", ".join([f"{self.status}: {self.message}", *(f"{name} {told[name]}" for name in told if told[name])])


class ImageFileError(ValueError):
    """An image could not be saved: it could not be fetched, is too large, or is no image; the message says which."""


def retrying(
    transport: httpx.BaseTransport | httpx.AsyncBaseTransport | None = None, *, times: int = 2
) -> "RetryTransport":
    """Make a transport for a client's ``httpx_args`` that sends a request up to ``times`` times again.

    Repeated are answers 408, 409, 429 and 5xx, and connections that can't be made, are lost, or time out before an
    answer begins, also where images were made, and are paid for. It waits half a second, then twice as long each time,
    or as long as Retry-After says, two minutes at most. The last answer is returned as it is. Without a ``transport``,
    blocking and asynchronous calls each get one with httpx's defaults.
    """
    try:
        from httpx_retries import Retry, RetryTransport  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise ImportError("retrying() needs an extra: pip install 'openai-images-client[retries]'") from error

    class Calm(Retry):
        def parse_retry_after(self, retry_after: str) -> float:
            with suppress(OverflowError, ValueError):
                return super().parse_retry_after(retry_after)
            return 0.0  # as if the server had said nothing

    bad = [408, 409, 429, *range(500, 600)]
    # The factor is in seconds, and doubled before the first wait already.
    retry = Calm(total=times, allowed_methods=["POST"], status_forcelist=bad, backoff_factor=0.25, backoff_jitter=0.25)
    return RetryTransport(transport=transport, retry=retry)


def images_of(answer: Response[ErrorResponse | ImagesResponse], client: AuthenticatedClient) -> ImagesResponse:
    """Return the images of an answer that ``client`` got; raises ImagesError, whatever the shape of an error is."""
    if isinstance(answer.parsed, ImagesResponse):
        return answer.parsed
    told = {name: _clean(value, client.token) for name, value in _told(answer.content).items()}
    message = told.get("message") or told.get("detail") or "the answer is not one of this API"
    request_id = _clean(answer.headers.get("x-request-id"), client.token)
    type_, param, code = map(told.get, ("type", "param", "code"))
    raise ImagesError(int(answer.status_code), message, type_, param, code, request_id)


def _told(content: bytes) -> dict[Any, Any]:
    with suppress(RecursionError, ValueError):
        match json.loads(content):
            case {"error": str(message)}:
                return {"message": message}
            case {"detail": [{"msg": message, "loc": [*_, param]}, *_]}:  # FastAPI's own
                return {"message": message, "param": param}
            case {"error": {**told}} | {**told}:
                return told
            case _:
                pass
    return {}


def _clean(value: object, token: str) -> str | None:
    """Take out the token, before a part of it could be cut off, and what a terminal would obey."""
    if not isinstance(value, str | int):
        return None
    text = str(value).replace(token, "***") if token else str(value)
    return "".join(character if character.isprintable() else " " for character in text[:1000])


def save(image: Image, path: str | Path, *, max_bytes: int = 32 * 1024 * 1024) -> None:
    """Write an image to a file, all of it or nothing; a file that is there is replaced.

    A URL is fetched without the client, so that its host gets no key. Raises ImageFileError, or OSError if the file
    can't be written. It blocks: ``await asyncio.to_thread(save, image, path)`` in asynchronous code.
    """
    if isinstance(image.b64_json, str) and image.b64_json:
        try:
            content = base64.b64decode(image.b64_json, validate=True)
        except ValueError as error:
            raise ImageFileError("b64_json is not base64") from error
    elif isinstance(image.url, str):
        content = _fetched(image.url, max_bytes)
    else:
        raise ImageFileError("the image has neither b64_json nor url")
    if len(content) > max_bytes:
        raise ImageFileError(f"the image is larger than {max_bytes} bytes")
    if not content.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")) and content[:4] + content[8:12] != b"RIFFWEBP":
        raise ImageFileError("the data is not a PNG, JPEG or WebP image")
    part = Path(path).with_name(f".{secrets.token_hex(8)}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _fetched(url: str, max_bytes: int) -> bytes:
    """Fetch bytes as they are sent: what is unpacked, or read by httpx of a redirect, would have no bound."""
    try:
        with httpx.Client(timeout=60.0, headers={"Accept-Encoding": "identity"}) as plain:
            request = plain.build_request("GET", url)
            for _ in range(6):
                with closing(plain.send(request, stream=True)) as answer:
                    if answer.next_request is None:
                        if not answer.is_success:
                            raise ImageFileError(f"the URL of the image answered with status {answer.status_code}")
                        return next(answer.iter_raw(chunk_size=max_bytes + 1), b"")
                    request = answer.next_request
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
        raise ImageFileError(f"the image could not be fetched: {type(error).__name__}") from error
    raise ImageFileError("the URL of the image was redirected more than 5 times")

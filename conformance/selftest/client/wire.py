"""A server in memory, and the three operations of the client as values that can be called in both ways.

``Server`` keeps the requests that it gets and gives each the same answer. ``Call`` is one operation with its body;
``WAYS`` are the two ways to make a call: with the blocking function or with the asynchronous one.
"""

import asyncio
from collections.abc import Callable
from io import BytesIO
from typing import Generic, Protocol, TypeVar

import httpx
from attrs import Factory, define, frozen
from openai_images_client import AuthenticatedClient
from openai_images_client.api.images import create_image, create_image_edit, create_image_variation
from openai_images_client.models import (
    CreateImageEditRequest,
    CreateImageRequest,
    CreateImageVariationRequest,
    ErrorResponse,
    ImagesResponse,
)
from openai_images_client.types import File, Response
from python_multipart import parse_form
from python_multipart.multipart import Field
from python_multipart.multipart import File as FilePart

Body_contra = TypeVar("Body_contra", contravariant=True)
Body = TypeVar("Body")
Answer = Response[ErrorResponse | ImagesResponse]
Parsed = ErrorResponse | ImagesResponse | None

TOKEN = "sk-secret"  # noqa: S105 - the server in memory takes any
IMAGES = {"created": 1589478378, "data": [{"url": "https://images.test/1.png"}]}


class Operation(Protocol[Body_contra]):
    """The four functions that the generator makes of an operation."""

    def sync_detailed(self, *, client: AuthenticatedClient, body: Body_contra) -> Answer: ...
    def sync(self, *, client: AuthenticatedClient, body: Body_contra) -> Parsed: ...
    async def asyncio_detailed(self, *, client: AuthenticatedClient, body: Body_contra) -> Answer: ...
    async def asyncio(self, *, client: AuthenticatedClient, body: Body_contra) -> Parsed: ...


@frozen
class Call(Generic[Body]):
    """An operation with its body."""

    operation: Operation[Body]
    body: Body

    def blocking(self, client: AuthenticatedClient) -> Answer:
        with client:
            return self.operation.sync_detailed(client=client, body=self.body)

    def asynchronous(self, client: AuthenticatedClient) -> Answer:
        async def call() -> Answer:
            async with client:
                return await self.operation.asyncio_detailed(client=client, body=self.body)

        return asyncio.run(call())

    def parsed(self, client: AuthenticatedClient) -> Parsed:
        return self.operation.sync(client=client, body=self.body)

    def parsed_asynchronously(self, client: AuthenticatedClient) -> Parsed:
        return asyncio.run(self.operation.asyncio(client=client, body=self.body))


AnyCall = Call[CreateImageRequest] | Call[CreateImageEditRequest] | Call[CreateImageVariationRequest]
Way = Callable[[AnyCall, AuthenticatedClient], Answer]


def blocking(call: AnyCall, client: AuthenticatedClient) -> Answer:
    return call.blocking(client)


def asynchronous(call: AnyCall, client: AuthenticatedClient) -> Answer:
    return call.asynchronous(client)


WAYS: tuple[Way, ...] = (blocking, asynchronous)


@define
class Server:
    """Answers every request alike and keeps what it got."""

    status: int = 200
    content: bytes | None = None
    requests: list[httpx.Request] = Factory(list[httpx.Request])

    def client(
        self, base_url: str = "http://server.test/v1", headers: dict[str, str] | None = None, prefix: str = "Bearer"
    ) -> AuthenticatedClient:
        return AuthenticatedClient(
            base_url=base_url,
            token=TOKEN,
            prefix=prefix,
            headers={} if headers is None else headers,
            httpx_args={"transport": httpx.MockTransport(self._answer)},
        )

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if self.content is None:
            return httpx.Response(self.status, json=IMAGES)
        return httpx.Response(self.status, content=self.content)

    @property
    def request(self) -> httpx.Request:
        """The only request."""
        (request,) = self.requests
        return request


def boundary(request: httpx.Request) -> str:
    """Return the boundary that the header of the request names."""
    kind, _, value = request.headers["content-type"].partition("; boundary=")
    assert kind == "multipart/form-data"
    return value


def form(request: httpx.Request) -> list[tuple[str, str | None, bytes]]:
    """Return the parts of a form, as a server reads them: the name, the file name if it is a file, and the content."""
    parts: list[tuple[str, str | None, bytes]] = []

    def on_field(part: Field) -> None:
        parts.append(((part.field_name or b"").decode(), None, part.value or b""))

    def on_file(part: FilePart) -> None:
        part.file_object.seek(0)
        name = (part.file_name or b"").decode()
        parts.append(((part.field_name or b"").decode(), name, part.file_object.read()))

    parse_form({"Content-Type": request.headers["content-type"].encode()}, BytesIO(request.content), on_field, on_file)
    return parts


def png(content: bytes = b"\x89PNG\r\n1", file_name: str | None = "otter.png") -> File:
    """Make a file to upload; the client does not look into it."""
    return File(payload=BytesIO(content), file_name=file_name, mime_type="image/png")


GENERATION = Call(create_image, CreateImageRequest(prompt="A sea otter"))
EDIT = Call(create_image_edit, CreateImageEditRequest(image=png(), prompt="A sea otter"))
VARIATION = Call(create_image_variation, CreateImageVariationRequest(image=png()))
CALLS: tuple[AnyCall, ...] = (GENERATION, EDIT, VARIATION)

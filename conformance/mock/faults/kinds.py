"""The table of the faults: what each is called, which value it takes, and what it makes of an answer.

The errors are those of the vendor's service and of what stands around it: its gateway, and the blob storage that its
image URLs lead to.
"""

import json
import math
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit

import attrs

from conformance.mock.faults.answer import Answer
from conformance.reference import JsonValue
from conformance.reference.errors import encode_json

MARK: Final = "mock-fault"
"""The parameter in the query of an image's URL that says which fault fetching it has."""
LONGEST: Final = 600.0
"""The seconds that a fault may take or tell at most."""
MOST: Final = 10
"""The images that an answer may be made to have at most."""


@attrs.frozen
class Kind:
    """A fault by name; ``value`` is what it has where none is given, in ``unit``, and None if it takes no value."""

    name: str
    words: str
    apply: Callable[[Answer, float], Answer]
    value: float | None = None
    unit: str = "seconds"

    @property
    def most(self) -> float:
        """The greatest value."""
        return LONGEST if self.unit == "seconds" else MOST

    @property
    def example(self) -> str:
        """The fault as it is asked for, with its value if it takes one."""
        return self.name if self.value is None else f"{self.name}={self.value:g}"


def _replaced(
    answer: Answer, status: HTTPStatus, media_type: bytes, body: bytes, *headers: tuple[bytes, bytes]
) -> Answer:
    return attrs.evolve(answer, status=int(status), headers=((b"content-type", media_type), *headers), body=body)


@attrs.frozen
class _Refusal:
    """An error in the envelope of the service; ``kind`` is its type."""

    status: HTTPStatus
    kind: str
    code: str | None
    message: str

    def __call__(self, answer: Answer, _: float) -> Answer:
        error: JsonValue = {"message": self.message, "type": self.kind, "param": None, "code": self.code}
        return _replaced(answer, self.status, b"application/json", encode_json({"error": error}))


_RATE_LIMIT: Final = _Refusal(
    HTTPStatus.TOO_MANY_REQUESTS,
    "requests",
    "rate_limit_exceeded",
    "Rate limit exceeded for images per minute. Limit: 5/1min. Current: 6/1min.",
)
_SERVER_ERROR: Final = _Refusal(
    HTTPStatus.INTERNAL_SERVER_ERROR,
    "server_error",
    None,
    "The server had an error while processing your request. Sorry about that!",
)
_POLICY: Final = _Refusal(
    HTTPStatus.BAD_REQUEST,
    "invalid_request_error",
    "content_policy_violation",
    "Your request was rejected as a result of our safety system. Your prompt may contain text that is not allowed by "
    "our safety system.",
)
_BILLING: Final = _Refusal(
    HTTPStatus.BAD_REQUEST,
    "invalid_request_error",
    "billing_hard_limit_reached",
    "Billing hard limit has been reached",
)


def _rate_limit(answer: Answer, seconds: float) -> Answer:
    refused = _RATE_LIMIT(answer, seconds)
    told = ((b"retry-after", b"%d" % math.ceil(seconds)), (b"retry-after-ms", b"%d" % round(seconds * 1000)))
    return attrs.evolve(refused, headers=(*refused.headers, *told))


def _bad_gateway(answer: Answer, _: float) -> Answer:
    page = b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body><h1>502 Bad Gateway</h1></body>\r\n</html>"
    return _replaced(answer, HTTPStatus.BAD_GATEWAY, b"text/html", page)


@attrs.frozen
class _DeadUrls:
    """What a blob storage says when an image is fetched; in an answer that names images, their URLs are marked."""

    name: str
    status: HTTPStatus
    code: str
    message: str

    def __call__(self, answer: Answer, _: float) -> Answer:
        if not answer.media_type.startswith("image/"):
            return _with_data(lambda data: [self._marked(item) for item in data], answer)
        head = '<?xml version="1.0" encoding="utf-8"?>'
        text = f"{head}<Error><Code>{self.code}</Code><Message>{self.message}</Message></Error>"
        told = (b"x-ms-error-code", self.code.encode())
        return _replaced(answer, self.status, b"application/xml", text.encode(), told)

    def _marked(self, item: dict[str, Any]) -> dict[str, Any]:
        if not isinstance(url := item.get("url"), str):
            return item
        return item | {"url": f"{url}{'&' if urlsplit(url).query else '?'}{MARK}={self.name}"}


_EXPIRED: Final = _DeadUrls(
    "expired-url",
    HTTPStatus.FORBIDDEN,
    "AuthenticationFailed",
    "Server failed to authenticate the request. Signature not valid in the specified time frame.",
)
_MISSING: Final = _DeadUrls("missing-url", HTTPStatus.NOT_FOUND, "BlobNotFound", "The specified blob does not exist.")


def _count(answer: Answer, count: float) -> Answer:
    return _with_data(lambda data: (data * int(count))[: int(count)], answer)


def _with_data(change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]], answer: Answer) -> Answer:
    """Change the images of an answer that has some; any other stays as it is."""
    if answer.status != HTTPStatus.OK or answer.media_type != "application/json":
        return answer
    content = json.loads(answer.body)
    if "data" not in content:
        return answer
    return attrs.evolve(answer, body=encode_json(content | {"data": change(content["data"])}))


KINDS: Final[Mapping[str, Kind]] = {
    kind.name: kind
    for kind in (
        Kind(
            "429", "429 `rate_limit_exceeded`; `Retry-After` and `retry-after-ms` say so many seconds", _rate_limit, 1
        ),
        Kind("500", "500 `server_error`", _SERVER_ERROR),
        Kind("502", "502 with a page of HTML, as a gateway gives it", _bad_gateway),
        Kind("content-policy", "400 `content_policy_violation`", _POLICY),
        Kind("billing-limit", "400 `billing_hard_limit_reached`", _BILLING),
        Kind("latency", "the answer begins so many seconds late", lambda answer, s: attrs.evolve(answer, wait=s), 1),
        Kind("slow-body", "the body drips for so many seconds", lambda answer, s: attrs.evolve(answer, spread=s), 1),
        Kind("cut-off", "half of the body, then the connection ends", lambda answer, _: attrs.evolve(answer, cut=True)),
        Kind("reset", "no answer: the connection is reset", lambda answer, _: attrs.evolve(answer, reset=True)),
        Kind("expired-url", "image URLs that answer 403 with XML, as a blob storage does after their time", _EXPIRED),
        Kind("missing-url", "image URLs that answer 404 with XML, as a blob storage does", _MISSING),
        Kind("images", "so many images, whatever `n` says", _count, 0, "images"),
    )
}
"""The faults by name, in the order in which docs/mock.md shows them."""

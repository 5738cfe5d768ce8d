"""The way from the bytes of an accepted request body to its answer: read, judge, draw, build.

The order of the checks is fixed: the syntax of the body, the fields against the contract, then the files (the image's
bytes, pixels and shape before the mask's, and what concerns both at the end). The first fault found is the answer.
"""

import secrets
from collections.abc import Callable, Mapping
from functools import partial

from starlette.responses import Response

from conformance.reference.behaviour import Behaviour
from conformance.reference.contract import Operation
from conformance.reference.orders import read_text
from conformance.reference.store import Shelf
from conformance.reference.values import Order, Picture, Submission, Values


def fulfil(  # noqa: PLR0913 - what is known about a request when its body has been read
    behaviour: Behaviour,
    store: Shelf,
    operation: Operation,
    tell: Callable[[Submission], None],
    *,
    origin: str,
    content_type: str,
    body: bytes,
) -> Response:
    """Answer a request by its body; ``origin`` is where the client reaches this server. Raises ``RefusedError``.

    ``tell`` is told what was asked for as soon as that can be read.
    """
    submission = read_submission(behaviour, operation, content_type, body)
    tell(submission)
    values = behaviour.validate(operation, submission.values)
    pictures = check_files(behaviour, operation, submission.files)
    order = read_order(behaviour, operation, values, pictures)
    now = behaviour.clock()
    items = [
        behaviour.build_item(
            order,
            partial(_publish, behaviour, store, origin=origin, content=content, now=now),
            partial(behaviour.encode_base64, content),
        )
        for content in (behaviour.draw(order, index) for index in range(order.count))
    ]
    return behaviour.respond(behaviour.build_answer(now, items))


def read_submission(behaviour: Behaviour, operation: Operation, content_type: str, body: bytes) -> Submission:
    """Read the fields and files out of a body of either media type."""
    if operation.media_type == "multipart/form-data":
        limits = operation.widen(behaviour.limits)
        return behaviour.read_form(operation, behaviour.parse_form(content_type, body, limits))
    return Submission(behaviour.parse_json(body, behaviour.limits))


def check_files(
    behaviour: Behaviour, operation: Operation, files: Mapping[str, tuple[bytes, ...]]
) -> dict[str, Picture]:
    """Decode the files of a request and hold them against the contract's prose; of several images the first counts."""
    pictures: dict[str, Picture] = {}
    for name in ("image", "mask"):
        for content in files.get(name, ()):
            behaviour.check_file_size(name, content, behaviour.limits)
            picture = behaviour.decode_file(name, content, behaviour.limits)
            if name == "image":
                behaviour.check_square(name, picture)
            pictures.setdefault(name, picture)
    image, mask = pictures.get("image"), pictures.get("mask")
    if image and mask:
        behaviour.check_mask_size(image, mask)
    elif image and operation.kind == "edits":
        behaviour.check_transparency(image)
    return pictures


def read_order(behaviour: Behaviour, operation: Operation, values: Values, pictures: Mapping[str, Picture]) -> Order:
    """Read from accepted values what is to be drawn and how it is to be returned."""
    text: Callable[[str], str] = partial(read_text, operation, values)
    return Order(
        kind=operation.kind,
        prompt=text("prompt"),
        model=text("model"),
        quality=text("quality"),
        style=text("style"),
        size=behaviour.choose_size(operation, values, behaviour.limits),
        count=behaviour.count_images(operation, values, behaviour.limits),
        response_format=behaviour.choose_response_format(operation, values),
        image=pictures.get("image"),
        mask=pictures.get("mask"),
    )


def _publish(behaviour: Behaviour, store: Shelf, *, origin: str, content: bytes, now: float) -> str:
    """Store an image under a name that can't be guessed, and give its URL."""
    name = secrets.token_urlsafe(24)
    store.put(name, content, now + behaviour.limits.url_seconds)
    return behaviour.build_url(origin, name, content)

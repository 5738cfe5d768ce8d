"""The way from the bytes of a request body to its answer: read, judge, build, and draw what isn't answered by URL.

The order of the checks is fixed: the syntax of the body, the fields against the contract, then the files (the image's
bytes, pixels and shape before the mask's, and what concerns both at the end). The first fault found is the answer.
An image that is answered by URL is drawn when that is fetched (``redraw``); ``names`` says how.
"""

from collections.abc import Callable, Mapping
from functools import partial

import attrs
from starlette.responses import Response

from conformance.reference.behaviour import Behaviour
from conformance.reference.contract import Operation
from conformance.reference.names import Name, upload_key, write_name
from conformance.reference.orders import fingerprint, read_text
from conformance.reference.store import Store
from conformance.reference.values import Order, Picture, Submission, Values


@attrs.frozen
class Asked:
    """An accepted request: what is to be drawn, and the files that the uploads in the order came from, by field."""

    order: Order
    files: Mapping[str, bytes] = attrs.field(repr=False)


def read_request(
    behaviour: Behaviour, operation: Operation, content_type: str, body: bytes, tell: Callable[[Submission], None]
) -> Asked:
    """Read and judge the body of a request. Raises ``RefusedError``.

    ``tell`` is told what was asked for as soon as that can be read.
    """
    submission = read_submission(behaviour, operation, content_type, body)
    tell(submission)
    values = behaviour.validate(operation, submission.values)
    pictures = check_files(behaviour, operation, submission.files)
    order = read_order(behaviour, operation, values, pictures)
    return Asked(order, {name: submission.files[name][0] for name in pictures})


def answer(behaviour: Behaviour, store: Store, origin: str, asked: Asked) -> Response:
    """Answer an accepted request; ``origin`` is where the client reaches this server. Raises ``RefusedError``."""
    order, now = asked.order, behaviour.clock()
    items = [
        behaviour.build_item(
            order,
            partial(_publish, behaviour, store, asked, origin=origin, index=index, now=now),
            partial(_encode, behaviour, order, index),
        )
        for index in range(order.count)
    ]
    return behaviour.respond(behaviour.build_answer(now, items))


def read_submission(behaviour: Behaviour, operation: Operation, content_type: str, body: bytes) -> Submission:
    """Read the fields and files out of a body of either media type."""
    if operation.takes_form:
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
    prompt, model, quality, style = (
        read_text(operation, values, name) for name in ("prompt", "model", "quality", "style")
    )
    size = behaviour.choose_size(operation, values, behaviour.limits)
    image, mask = pictures.get("image"), pictures.get("mask")
    digests = (image and image.digest, mask and mask.digest)
    return Order(
        kind=operation.kind,
        prompt=prompt,
        model=model,
        quality=quality,
        style=style,
        size=size,
        count=behaviour.count_images(operation, values, behaviour.limits),
        response_format=behaviour.choose_response_format(operation, values),
        image=image,
        mask=mask,
        # Neither how many images are wanted nor how they are returned has a part in how one looks.
        seed=fingerprint(operation.kind, prompt, model, quality, style, *size, *digests),
    )


def redraw(behaviour: Behaviour, store: Store, name: Name) -> bytes | None:
    """Draw the image that a file name stands for; None if an upload that it needs is no longer there."""
    pictures: dict[str, Picture] = {}
    for field, key in (("image", name.image), ("mask", name.mask)):
        if key is not None:
            content = store.get(key, behaviour.clock())
            if content is None:
                return None
            pictures[field] = behaviour.decode_file(field, content, behaviour.limits)
    return behaviour.draw(attrs.evolve(name.order, **pictures), name.index)


def _encode(behaviour: Behaviour, order: Order, index: int) -> str:
    return behaviour.encode_base64(behaviour.draw(order, index))


def _publish(behaviour: Behaviour, store: Store, asked: Asked, *, origin: str, index: int, now: float) -> str:  # noqa: PLR0913 - what makes a URL
    """Keep what an image is made of, as long as its URL is valid, and give the URL."""
    order, until = asked.order, now + behaviour.limits.url_seconds
    for field, picture in (("image", order.image), ("mask", order.mask)):
        if picture is not None:
            store.put(upload_key(picture.digest), asked.files[field], until)
    draw = partial(behaviour.draw, order, index)
    return behaviour.build_url(origin, write_name(order, index, until), draw)

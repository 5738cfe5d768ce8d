"""Stated rules about requests: what the contract says of a request in words rather than keywords.

Each demand is an edit of a base request beside the sentence that it rests on. The demands about files quote the
description of ``image`` or ``mask``. "less than 4MB" is tested only where both readings of a megabyte agree: a file of
4,194,304 bytes (4 MiB) is too large, one below 4,000,000 bytes is not, and in between nothing is sent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from conformance.suite.answers import quote
from conformance.suite.contract import Contract, Operation
from conformance.suite.demand import Demand, Kind, Level
from conformance.suite.edits import ABSENT
from conformance.suite.pictures import SIDE, Picture, Upload

TOO_LARGE = 4 * 1024 * 1024
"""Bytes of the smallest file that is too large under every reading of "less than 4MB"."""
LARGE = 3_999_999
"""Bytes of the largest file that is allowed under every reading of "less than 4MB"."""

_REFUSED = (Level.STRICT, Kind.REFUSES)
_ACCEPTED = (Level.CORE, Kind.ACCEPTS)
CLEAR = Upload(Picture(hole=True))
OPAQUE = Upload(Picture())


def sample(operation: Operation, name: str) -> Upload:
    """Return a correct file for a file field: the image to edit and the mask have a transparent middle."""
    clear = "mask" in operation.request.properties and name in ("image", "mask")
    return CLEAR if clear else OPAQUE


def cases(contract: Contract, operation: Operation) -> Iterator[Demand]:
    """Yield every case of every stated rule about the operation's files."""
    properties = operation.request.properties
    for name in ("image", "mask"):
        if name in properties:
            yield from _files(contract, operation, name)
    if "mask" in properties:
        transparency = quote(contract, properties["image"], "If `mask` is not given, the image must have transparency")
        yield Demand(
            f"{operation.id}/image/transparency",
            *_REFUSED,
            transparency,
            "an opaque image without a mask",
            edit={"image": OPAQUE, "mask": ABSENT},
            twin={"image": CLEAR, "mask": ABSENT},
        )
        yield Demand(
            f"{operation.id}/mask/opaque-image",
            *_ACCEPTED,
            transparency,
            "an opaque image beside a mask",
            edit={"image": OPAQUE, "mask": CLEAR},
        )
        dimensions = quote(contract, properties["mask"], "have the same dimensions as `image`")
        for width, height in ((128, 128), (256, 128), (128, 256)):
            yield Demand(
                f"{operation.id}/mask/dimensions",
                *_REFUSED,
                dimensions,
                f"a mask of {width}x{height} beside an image of {SIDE}x{SIDE}",
                edit={"mask": Upload(Picture(width, height, hole=True))},
            )


def _files(contract: Contract, operation: Operation, name: str) -> Iterator[Demand]:
    schema = operation.request.properties[name]
    hole = sample(operation, name).picture == CLEAR.picture
    png = quote(contract, schema, "It must be a valid PNG file")
    wrong: Mapping[str, Upload] = {
        "a JPEG file": Upload(Picture(image_format="JPEG"), "image.jpg", "image/jpeg"),
        "a JPEG file labelled as PNG": Upload(Picture(image_format="JPEG")),
        "a text file labelled as PNG": Upload("This is a text file, not an image.\n"),
        "a PNG file that is cut off in the middle": Upload(Picture(hole=hole, keep=0.5)),
    }
    for what, upload in wrong.items():
        yield Demand(f"{operation.id}/{name}/png", *_REFUSED, png, f"{name} is {what}", edit={name: upload})
    size = quote(contract, schema, "less than 4MB")
    yield Demand(
        f"{operation.id}/{name}/file-size",
        *_REFUSED,
        size,
        f"{name} is a file of {TOO_LARGE} bytes",
        edit={name: Upload(Picture(hole=hole, file_bytes=TOO_LARGE))},
    )
    yield Demand(
        f"{operation.id}/{name}/file-size-accepted",
        *_ACCEPTED,
        size,
        f"{name} is a file of {LARGE} bytes",
        edit={name: Upload(Picture(hole=hole, file_bytes=LARGE))},
    )
    if name == "image":
        square = quote(contract, schema, "square")
        for width, height in ((256, 128), (128, 256)):
            shape = {"image": Upload(Picture(width, height, hole=hole))}
            # The mask follows the image, so that the shape alone is wrong.
            mask = {"mask": Upload(Picture(width, height, hole=True))} if "mask" in operation.request.properties else {}
            edit = {**shape, **mask}
            yield Demand(f"{operation.id}/image/square", *_REFUSED, square, f"image is {width}x{height}", edit=edit)
        if "mask" not in operation.request.properties:
            yield Demand(
                f"{operation.id}/image/png-accepted",
                *_ACCEPTED,
                png,
                "an image with transparency",
                edit={"image": CLEAR},
            )

"""What the contract says in words of the files that are uploaded.

"less than 4MB" is tested only where both readings of a megabyte agree: a file of 4,194,304 bytes (4 MiB) is too large,
one below 4,000,000 bytes is not, and in between nothing is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from attrs import evolve

from conformance.suite.contract.operation import Operation
from conformance.suite.contract.places import ABSENT
from conformance.suite.exchange.upload import Upload
from conformance.suite.images.pictures import SIDE, SMALLEST, Picture, png
from conformance.suite.rules.rule import Edit, Edits, Level, Want
from conformance.suite.rules.statement import Maker, Scope, Statement, sentences

TOO_LARGE = 4 * 1024 * 1024
"""Bytes of the smallest file that is too large under every reading of "less than 4MB"."""
LARGE = 3_999_999
"""Bytes of the largest file that is allowed under every reading of "less than 4MB"."""
CLEAR = png(Picture(hole=True))
OPAQUE = png(Picture())
AS_ASKED = png(Picture(SMALLEST, SMALLEST, hole=True))
"""As large as the images that most requests ask for, so that the answer can be compared with it pixel by pixel."""

_IMAGE = "It must be a valid PNG file, less than 4MB, and square."
_MASK = "It must be a valid PNG file, less than 4MB, and have the same dimensions as `image`."
_TRANSPARENCY = "If `mask` is not given, the image must have transparency, which is used as the mask."


def sample(operation: Operation, name: str) -> Upload:
    """Return a correct file for a file field: the image to edit and the mask have a transparent middle."""
    del name
    return CLEAR if is_edited(operation) else OPAQUE


def is_edited(operation: Operation) -> bool:
    """Whether the image of an operation is edited where it is transparent, or where a mask beside it is."""
    properties = operation.request.properties
    described = properties["image"].description if "image" in properties else None
    return "mask" in properties or (described is not None and _TRANSPARENCY in sentences(str(described.value)))


def _edits(want: Want, made: Callable[[Scope], Mapping[str, Mapping[str, object]]]) -> Maker:
    """Return what makes a rule that something becomes of these edits, each under the words that describe it."""
    return lambda scope: Edits(want, tuple(Edit(what, fields) for what, fields in made(scope).items()))


def _has_mask(scope: Scope) -> bool:
    return "mask" in scope.operation.request.properties


_PALETTE, _RICH = Picture(colours="P", noted=True), Picture(colours="L", deep=16, interlaced=True)
_FLAVOURS: Mapping[str, tuple[Picture, Picture | None]] = {
    "a PNG file with a palette": (Picture(colours="P"), _PALETTE),
    "a grey PNG file of 16 bits": (Picture(colours="L", deep=16), _RICH),
    "an interlaced PNG file": (Picture(interlaced=True), _RICH),
    "a PNG file with a colour profile and notes": (Picture(noted=True), _PALETTE),
    "a grey PNG file": (Picture(colours="L"), None),
}
"""The flavours in which a PNG file is as valid: each alone, and the file by which it is shown together with others.

The plain grey one shows in a file that is as large as may be.
"""
_BESIDE = {_PALETTE: _RICH, _RICH: _PALETTE}
"""The mask that shares a request with an image, and the image that does with a mask."""


def _large(scope: Scope) -> dict[str, object]:
    """Return files as large as may be, which are grey too; an image beside a mask is opaque."""
    edited, masked = is_edited(scope.operation), _has_mask(scope)
    side = SMALLEST if edited else SIDE
    image = Picture(side, side, hole=edited and not masked, file_bytes=LARGE, colours="L")
    shared: dict[str, object] = {"image": png(image)}
    if masked:
        shared["mask"] = png(evolve(image, hole=True))
    if edited and "size" in scope.operation.request.properties:
        # Only an answer of the same size can be compared with the mask pixel by pixel.
        shared["size"] = f"{side}x{side}"
    return shared


def _of_flavour(scope: Scope, name: str, picture: Picture) -> dict[str, object]:
    """Return a file of a flavour, and one of the other beside it."""
    files = {name: picture, "mask" if name == "image" else "image": _BESIDE[picture]}
    hole = is_edited(scope.operation)
    return {n: png(evolve(file, hole=hole)) for n, file in files.items() if n in scope.operation.request.properties}


def _about_file(name: str, sentence: str) -> tuple[Statement, ...]:
    """Return what is said of the image and of the mask alike."""

    def no_png(scope: Scope) -> dict[str, Mapping[str, object]]:
        cut_off = png(Picture(hole=is_edited(scope.operation), keep=0.5))
        return {
            f"{name} is a JPEG file": {name: Upload(Picture(image_format="JPEG"), "image.jpg", "image/jpeg")},
            f"{name} is a JPEG file labelled as PNG": {name: png(Picture(image_format="JPEG"))},
            f"{name} is a PNG file that is cut off in the middle": {name: cut_off},
        }

    def of_bytes(scope: Scope, number: int) -> Edit:
        file = png(Picture(hole=is_edited(scope.operation), file_bytes=number))
        return Edit(f"{name} is a file of {number} bytes", {name: file})

    def too_large(scope: Scope) -> Edits:
        return Edits(Want.REFUSED, (of_bytes(scope, TOO_LARGE),))

    def large(scope: Scope) -> Edits:
        return Edits(Want.ACCEPTED, (evolve(of_bytes(scope, LARGE), shared=_large(scope)),))

    def in_every_flavour(scope: Scope) -> Edits:
        edits: list[Edit] = []
        for what, (picture, pack) in _FLAVOURS.items():
            file = png(evolve(picture, hole=is_edited(scope.operation)))
            shared = _of_flavour(scope, name, pack) if pack else _large(scope)
            edits.append(Edit(f"{what} as {name}", {name: file}, shared=shared))
        return Edits(Want.ACCEPTED, tuple(edits))

    where, small = ("request", name), "less than 4MB"
    valid = "It must be a valid PNG file"
    return (
        Statement(
            f"{name}/png",
            f"{name} that is not a valid PNG file must be refused",
            where,
            sentence,
            valid,
            Level.STRICT,
            _edits(Want.REFUSED, no_png),
        ),
        Statement(
            f"{name}/flavours",
            f"{name} may be a PNG file of any flavour",
            where,
            sentence,
            valid,
            Level.CORE,
            in_every_flavour,
        ),
        Statement(
            f"{name}/file-size", f"{name} of 4 MiB must be refused", where, sentence, small, Level.STRICT, too_large
        ),
        Statement(
            f"{name}/file-size-accepted",
            f"{name} of just less than 4 MB is accepted",
            where,
            sentence,
            small,
            Level.CORE,
            large,
        ),
    )


def _oblong(scope: Scope) -> dict[str, Mapping[str, object]]:
    shapes = [(256, 128), (128, 256)]
    # The mask follows the image, so that the shape alone is wrong.
    names = ("image", "mask") if _has_mask(scope) else ("image",)
    return {
        f"image is {width}x{height}": dict.fromkeys(names, png(Picture(width, height, hole=is_edited(scope.operation))))
        for width, height in shapes
    }


def _transparent(scope: Scope) -> Edits | None:
    if is_edited(scope.operation):
        return None
    return Edits(Want.ACCEPTED, (Edit("an image with transparency", {"image": CLEAR}),))


def _beside_mask(scope: Scope) -> Edits | None:
    if not _has_mask(scope):
        return None
    files = {"image": png(Picture(SMALLEST, SMALLEST)), "mask": AS_ASKED}
    return Edits(Want.ACCEPTED, (Edit("an opaque image beside a mask", files, shared=_large(scope)),))


def _opaque(_: Scope) -> Edits:
    edit = {"image": png(Picture(SMALLEST, SMALLEST)), "mask": ABSENT}
    twin = {"image": AS_ASKED, "mask": ABSENT}
    return Edits(Want.REFUSED, (Edit("an opaque image without a mask", edit, twin),))


def _other_masks(_: Scope) -> dict[str, Mapping[str, object]]:
    shapes = ((SIDE, SMALLEST), (SMALLEST, SIDE))
    return {
        f"a mask of {width}x{height} beside an image of {SIDE}x{SIDE}": {"mask": png(Picture(width, height, hole=True))}
        for width, height in shapes
    }


_IN_IMAGE, _IN_MASK = ("request", "image"), ("request", "mask")

STATEMENTS: tuple[Statement, ...] = (
    *_about_file("image", _IMAGE),
    Statement(
        "image/square",
        "an image that is not square must be refused",
        _IN_IMAGE,
        _IMAGE,
        "square",
        Level.STRICT,
        _edits(Want.REFUSED, _oblong),
    ),
    Statement(
        "image/png-accepted",
        "an image with transparency is accepted",
        _IN_IMAGE,
        _IMAGE,
        "It must be a valid PNG file",
        Level.CORE,
        _transparent,
    ),
    *_about_file("mask", _MASK),
    Statement(
        "image/transparency",
        "an opaque image without a mask must be refused",
        _IN_IMAGE,
        _TRANSPARENCY,
        "the image must have transparency",
        Level.STRICT,
        _opaque,
    ),
    Statement(
        "mask/opaque-image",
        "an opaque image beside a mask is accepted",
        _IN_IMAGE,
        _TRANSPARENCY,
        "If `mask` is not given",
        Level.CORE,
        _beside_mask,
    ),
    Statement(
        "mask/dimensions",
        "a mask of another size than image must be refused",
        _IN_MASK,
        _MASK,
        "have the same dimensions as `image`",
        Level.STRICT,
        _edits(Want.REFUSED, _other_masks),
    ),
)

"""Lies about the files of a form: what they are, how large, and how they are labelled."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable, Iterator
from typing import Any

import attrs
from PIL import Image

from conformance.mutants.lies.requests import refusing
from conformance.mutants.mutant import FORMS, Lie, behaving
from conformance.reference import Limits, Operation, Part, Picture, RefusedError, Submission
from conformance.reference.files import (
    OPAQUE,
    alpha,
    check_file_size,
    check_mask_size,
    check_square,
    decode_file,
    to_rgba,
)
from conformance.reference.forms import parse_form, read_form
from conformance.suite.images.pictures import SIDE

_EDIT = FORMS[:1]
_FILES = (("image", FORMS), ("mask", _EDIT))


def lies() -> tuple[Lie, ...]:
    """Return the lies of this module."""
    return (*_contents(), *_sizes(), *_shapes(), *_flavours(), *_transparent(), *_labels())


def _contents() -> Iterator[Lie]:
    def decoding(field: str, formats: list[str], *, cut: bool = False) -> Callable[[], Any]:
        """Return a server that is content with what Pillow can open."""

        def decode(name: str, content: bytes, limits: Limits) -> Picture:
            try:
                return decode_file(name, content, limits)
            except RefusedError:
                if name != field:
                    raise
                return _opened(name, content, formats, cut=cut)

        return behaving(decode_file=decode)

    def trusting(field: str) -> Callable[[], Any]:
        """Return a server that takes any bytes and sees a picture of its own in what is none."""

        def decode(name: str, content: bytes, limits: Limits) -> Picture:
            try:
                return decode_file(name, content, limits)
            except RefusedError:
                if name != field:
                    raise
                return blank(content)

        return behaving(decode_file=decode)

    for field, operations in _FILES:
        fits = (f"{field}/png",)
        jpeg = f"a JPEG file is taken as {field}"
        yield Lie(f"{field}-jpeg-taken", jpeg, decoding(field, ["JPEG"]), fits, operations)
        cut = f"a PNG file that is cut off is taken as {field}"
        yield Lie(f"{field}-cut-taken", cut, decoding(field, ["PNG"], cut=True), fits, operations)
        yield Lie(f"{field}-any-taken", f"any file is taken as {field}", trusting(field), fits, operations)


def blank(content: bytes) -> Picture:
    """Return the picture that a server sees which doesn't look."""
    return Picture(Image.new("RGBA", (SIDE, SIDE)), hashlib.sha256(content).hexdigest())


def _opened(name: str, content: bytes, formats: list[str], *, cut: bool) -> Picture:
    try:
        with Image.open(io.BytesIO(content), formats=formats) as image:
            if cut:
                # A decoder that is told to make do leaves what is missing transparent.
                return Picture(Image.new("RGBA", image.size), hashlib.sha256(content).hexdigest())
            pixels = to_rgba(image)
            # JPEG knows no alpha; it must not be refused for that.
            pixels.putalpha(0)
            return Picture(pixels, hashlib.sha256(content).hexdigest())
    except OSError:
        raise RefusedError(f"'{name}' is no image.", name) from None


def _sizes() -> Iterator[Lie]:
    def limited(field: str, limit: int | None) -> Callable[[], Any]:
        def check(name: str, content: bytes, limits: Limits) -> None:
            if name != field:
                check_file_size(name, content, limits)
            elif limit is not None:
                check_file_size(name, content, attrs.evolve(limits, file_bytes=limit))

        return behaving(check_file_size=check)

    for field, operations in _FILES:
        over, under = (f"{field}/file-size",), (f"{field}/file-size-accepted",)
        yield Lie(f"{field}-unlimited", f"{field} may be of any length", limited(field, None), over, operations)
        inclusive = f"{field} may be of exactly 4 MiB"
        yield Lie(f"{field}-4-mib", inclusive, limited(field, 4 * 1024 * 1024 + 1), over, operations)
        yield Lie(f"{field}-1-mib", f"{field} may have 1 MiB at most", limited(field, 1024 * 1024), under, operations)
        small = f"{field} of 3.9 MB is refused"
        yield Lie(f"{field}-3.9-mb", small, limited(field, 3_900_000), under, operations)


def _shapes() -> Iterator[Lie]:
    def anything(*_: object) -> None:
        """Check nothing."""

    def strict_alpha(image: Picture, mask: Picture) -> None:
        check_mask_size(image, mask)
        if alpha(mask.pixels).getextrema()[0] != OPAQUE:
            raise RefusedError("'mask' must be opaque.", "mask")

    def swapped(image: Picture, mask: Picture) -> None:
        """Look at the number of pixels only."""
        if mask.pixels.width != image.pixels.width:
            raise RefusedError("'mask' must be as wide as 'image'.", "mask")

    def wide(field: str, picture: Picture) -> None:
        """Take what is higher than wide."""
        if picture.pixels.width > picture.pixels.height:
            check_square(field, picture)

    def black_and_white(image: Picture, mask: Picture) -> None:
        check_mask_size(image, mask)
        if alpha(image.pixels).getextrema()[0] != OPAQUE:
            raise RefusedError("'image' must be opaque where there is a mask.", "image")

    mask = "a request without a mask is refused"
    yield Lie("oblong-taken", "an oblong image is taken", behaving(check_square=anything), ("image/square",), FORMS)
    yield Lie(
        "tall-taken",
        "an image that is higher than wide is taken",
        behaving(check_square=wide),
        ("image/square",),
        FORMS,
    )
    opaque = "an opaque image without a mask is taken"
    yield Lie("opaque-taken", opaque, behaving(check_transparency=anything), ("image/transparency",), _EDIT)
    other = "a mask of other dimensions than the image is taken"
    yield Lie("mask-of-any-size", other, behaving(check_mask_size=anything), ("mask/dimensions",), _EDIT)
    yield Lie(
        "mask-width-only",
        "of a mask only the width is checked",
        behaving(check_mask_size=swapped),
        ("mask/dimensions",),
        _EDIT,
    )
    yield Lie("mask-needed", mask, refusing("mask", lambda v: "mask" not in v), ("mask/optional",), _EDIT)
    clear = "a mask with transparent areas is refused"
    yield Lie(
        "mask-clear-refused",
        clear,
        behaving(check_mask_size=strict_alpha),
        ("mask/opaque-image", "mask/file-size-accepted", "mask/flavours"),
        _EDIT,
    )
    needless = "an image with transparency is refused beside a mask"
    yield Lie(
        "clear-beside-mask-refused",
        needless,
        behaving(check_mask_size=black_and_white),
        ("mask/file-size-accepted", "mask/flavours"),
        _EDIT,
    )
    yield Lie(
        "mask-ignored-by-server",
        "the mask is not looked at",
        behaving(read_form=_without_mask),
        ("mask/png", "mask/file-size", "mask/opaque-image", "mask/dimensions"),
        _EDIT,
    )


def _without_mask(operation: Operation, parts: tuple[Part, ...]) -> Submission:
    return read_form(operation, tuple(part for part in parts if part.name != "mask"))


def _flavours() -> Iterator[Lie]:
    def refusing_files(field: str, wrong: Callable[[bytes], bool]) -> Callable[[], Any]:
        def decode(name: str, content: bytes, limits: Limits) -> Picture:
            if name == field and wrong(content):
                raise RefusedError(f"'{name}' is of a kind that is not supported.", name)
            return decode_file(name, content, limits)

        return behaving(decode_file=decode)

    # Bits of a sample, colour type and interlace method are bytes of the header (PNG, section 11.2.1).
    flavours: dict[str, tuple[str, Callable[[bytes], bool]]] = {
        "palette-refused": ("a PNG file with a palette", lambda content: content[25:26] == b"\3"),
        "grey-refused": ("a grey PNG file", lambda content: content[25:26] in (b"\0", b"\4")),
        "16-bit-refused": ("a PNG file of 16 bits", lambda content: content[24:25] == b"\x10"),
        "interlaced-refused": ("an interlaced PNG file", lambda content: content[28:29] == b"\1"),
        "text-refused": ("a PNG file with a text in it", lambda content: b"tEXt" in content),
        "gamma-refused": ("a PNG file that names its gamma", lambda content: b"gAMA" in content),
        "profile-refused": ("a PNG file with a colour profile", lambda content: b"iCCP" in content),
    }
    for field, operations in _FILES:
        for name, (what, wrong) in flavours.items():
            lie = f"{what} is refused as {field}"
            yield Lie(f"{field}-{name}", lie, refusing_files(field, wrong), (f"{field}/flavours",), operations)


def _transparent() -> Iterator[Lie]:
    def refusing_modes(*modes: str) -> Callable[[], Any]:
        def decode(name: str, content: bytes, limits: Limits) -> Picture:
            picture = decode_file(name, content, limits)
            with Image.open(io.BytesIO(content)) as image:
                if image.mode in modes:
                    raise RefusedError(f"'{name}' is of the mode {image.mode}.", name)
            return picture

        return behaving(decode_file=decode)

    def always_clear(image: Picture, mask: Picture) -> None:
        check_mask_size(image, mask)
        if alpha(image.pixels).getextrema()[0] == OPAQUE:
            raise RefusedError("'image' must have transparency.", "image")

    yield Lie(
        "alpha-refused", "an image with alpha is refused", refusing_modes("RGBA"), ("image/png-accepted",), FORMS[1:]
    )
    yield Lie(
        "no-alpha-refused",
        "an image without alpha is refused",
        refusing_modes("RGB", "P", "L"),
        ("accepted",),
        FORMS[1:],
    )

    opaque = "an opaque image is refused also beside a mask"
    yield Lie("opaque-refused", opaque, behaving(check_mask_size=always_clear), ("mask/opaque-image",), _EDIT)


def _labels() -> Iterator[Lie]:
    def parsing(field: str, wrong: Callable[[bytes], bool]) -> Callable[[], Any]:
        def parse(content_type: str, body: bytes, limits: Limits) -> tuple[Part, ...]:
            parts = parse_form(content_type, body, limits)
            if wrong(body):
                raise RefusedError(f"'{field}' is not labelled as it should be.", field)
            return parts

        return behaving(parse_form=parse)

    def as_bytes(operation: Operation, parts: tuple[Part, ...]) -> Submission:
        """Take a number in a form for a text."""
        submission = read_form(operation, parts)
        if "n" in submission.values:
            raise RefusedError("'n' must be of type integer.", "n")
        return submission

    names = re.compile(rb'filename="([^"]*)"')
    label, order = ("image/label",), ("body/part-order",)
    # The suite sends files first, so nothing that such a server says of a text part can be right.

    def odd_name(body: bytes) -> bool:
        return any(name not in (b"image.png", b"image.jpg") for name in names.findall(body[:100_000]))

    def odd_path(body: bytes) -> bool:
        return any(b"/" in name for name in names.findall(body))

    lost = (*order, "response/data/items/dimensions", "response_format/honoured")
    octets = "a file labelled application/octet-stream is refused"
    yield Lie("octets-refused", octets, parsing("image", lambda b: b"application/octet-stream" in b), label, FORMS)
    yield Lie("name-refused", "a file name other than image.png is refused", parsing("image", odd_name), label, FORMS)
    yield Lie("path-refused", "a file name with a path is refused", parsing("image", odd_path), label, FORMS)
    yield Lie("files-first", "files behind a text part are lost", _in_order(files_first=True), order, FORMS)
    yield Lie("texts-first", "text parts behind a file are lost", _in_order(files_first=False), lost, FORMS)
    yield Lie(
        "n-stays-text",
        "n in a form is taken for a text and refused",
        behaving(read_form=as_bytes),
        ("n/accepted",),
        FORMS,
    )


def _in_order(*, files_first: bool) -> Callable[[], Any]:
    """Return what makes a server that loses the parts of one kind once it has seen one of the other."""

    def parse(content_type: str, body: bytes, limits: Limits) -> tuple[Part, ...]:
        parts = parse_form(content_type, body, limits)
        turn = next((i for i, part in enumerate(parts) if part.is_file is not files_first), len(parts))
        return (*parts[:turn], *(part for part in parts[turn:] if part.is_file is not files_first))

    return behaving(parse_form=parse)

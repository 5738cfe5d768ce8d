"""How the images look: the same for the same request, edited only where the mask says, varied from their source."""

import hashlib
import io
from typing import Any

import attrs
import pytest
from PIL import Image, ImageChops, ImageStat

from conformance.reference import Order, Picture
from conformance.reference.drawing import draw, paint
from conformance.reference.png import encode_png
from conformance.reference.scenes import draw_scene
from conformance.selftest.reference.server import app_with, contents, edit, generate, opened, pack, png, vary

OPAQUE, CLEAR = (10, 200, 30, 255), (0, 0, 0, 0)


def picture(side: int = 256) -> Image.Image:
    """Make an opaque image of many colours."""
    ramp = scaled(Image.linear_gradient("L"), side)
    return Image.merge("RGBA", [ramp, ramp.rotate(90), ramp.rotate(180), Image.new("L", (side, side), 255)])


def scaled(image: Image.Image, side: int) -> Image.Image:
    """Scale an image as the server does."""
    return image.resize((side, side), Image.Resampling.NEAREST)  # pyright: ignore[reportUnknownMemberType] - Pillow names types of NumPy, which is absent


def half_mask(side: int = 256) -> Image.Image:
    """Make a mask that opens the left half; half transparent is not open."""
    mask = Image.new("RGBA", (side, side), (0, 0, 0, 1))
    mask.paste(CLEAR, (0, 0, side // 2, side))
    return mask


def noise(mode: str, size: tuple[int, int]) -> Image.Image:
    """Make an image of pixels that no compression makes smaller."""
    count = size[0] * size[1] * len(mode)
    return Image.frombytes(mode, size, hashlib.shake_256(b"noise").digest(count))


def difference(one: Image.Image, other: Image.Image) -> float:
    """Compare two images: the mean difference of a channel, between 0 and 255."""
    stat = ImageStat.Stat(ImageChops.difference(one.convert("RGB"), other.convert("RGB")))
    return sum(stat.mean) / 3


def test_the_same_request_gives_the_same_bytes_on_another_server_too() -> None:
    one, other = app_with(), app_with()
    assert contents(generate(one, n=3), one) == contents(generate(other, n=3), other)
    assert contents(edit(one), one) == contents(edit(other), other)
    assert contents(vary(one), one) == contents(vary(other), other)


def test_a_scene_has_the_same_pixels_everywhere() -> None:
    pixels = draw_scene("seed", 1, (64, 32)).convert("RGB").tobytes()
    assert hashlib.sha256(pixels).hexdigest() == "75e32661580603ae2cdcd76a1dbf616ec34f0ece6c4f857ed27e42aad846dd31"


@pytest.mark.parametrize(
    "fields",
    [{"prompt": "another"}, {"model": "another-model"}, {"size": "512x512"}, {"quality": "hd"}, {"style": "natural"}],
    ids=str,
)
def test_another_request_gives_another_image(fields: dict[str, Any]) -> None:
    base: dict[str, Any] = {"model": "my-model"}
    assert contents(generate(**base)) != contents(generate(**base | fields))


def test_the_user_has_no_part_in_the_image() -> None:
    assert contents(generate(user="a")) == contents(generate(user="b"))


def test_the_images_of_one_answer_look_different() -> None:
    drawn = [opened(content) for content in contents(generate(n=10))]
    assert min(difference(one, other) for i, one in enumerate(drawn) for other in drawn[:i]) > 8


def test_an_edit_changes_what_the_mask_opens_and_nothing_else() -> None:
    source = picture()
    (content,) = contents(edit(image=pack(source), mask=pack(half_mask())))
    result = opened(content).convert("RGBA")
    kept, opened_half = (128, 0, 256, 256), (0, 0, 128, 256)
    assert result.crop(kept).tobytes() == source.crop(kept).tobytes()
    assert difference(result.crop(opened_half), source.crop(opened_half)) > 8


def test_an_edit_keeps_the_transparency_outside_the_mask() -> None:
    source = picture()
    source.putalpha(77)
    (content,) = contents(edit(image=pack(source), mask=pack(half_mask())))
    result = opened(content)
    kept = (128, 0, 256, 256)
    assert result.mode == "RGBA"
    assert result.crop(kept).tobytes() == source.crop(kept).tobytes()


def test_an_edit_of_another_size_is_scaled_with_the_nearest_neighbour() -> None:
    source = picture(100)
    (content,) = contents(edit(image=pack(source), mask=pack(half_mask(100))))
    expected = scaled(source, 256).convert("RGB")
    kept = (129, 0, 256, 256)
    assert opened(content).convert("RGB").crop(kept).tobytes() == expected.crop(kept).tobytes()


@pytest.mark.parametrize("size", [(256, 256), (1024, 1024), (1792, 1024)], ids=str)
@pytest.mark.parametrize("side", [1, 60, 100, 256, 1000])
def test_every_pixel_outside_the_mask_is_one_of_the_source(side: int, size: tuple[int, int]) -> None:
    source, mask = noise("RGBA", (side, side)), Image.new("RGBA", (side, side), OPAQUE)
    mask.paste(CLEAR, (side // 2, 0, side, side))
    order = Order("edits", "", "", "", "", size, 1, "", Picture(source, ""), Picture(mask, ""))
    left = (0, 0, size[0] * (side // 2) // side, size[1])
    expected = source.resize(size, Image.Resampling.NEAREST)  # pyright: ignore[reportUnknownMemberType] - see scaled
    assert paint(order, 0).convert("RGBA").crop(left).tobytes() == expected.crop(left).tobytes()


@pytest.mark.parametrize("size", [(1, 1), (7, 3), (33, 65), (300, 200)], ids=str)
@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
def test_a_file_holds_the_pixels_that_were_packed(mode: str, size: tuple[int, int]) -> None:
    for image in (noise(mode, size), Image.new(mode, size, 77)):
        with Image.open(io.BytesIO(encode_png(image)), formats=["PNG"]) as result:
            assert result.convert(mode).tobytes() == image.tobytes()


@pytest.mark.parametrize("fields", [{}, {"quality": "hd"}, {"style": "natural"}, {"size": (40, 64)}], ids=str)
def test_a_file_of_a_kept_shape_is_the_scene_as_it_is_painted(fields: dict[str, Any]) -> None:
    order = attrs.evolve(Order("generations", "", "", "", "", (64, 40), 1, ""), **fields)
    for seed in ("a", "b", "a"):
        sown = attrs.evolve(order, seed=seed)
        expected = paint(sown, 3).convert("RGB").tobytes()
        assert opened(draw(sown, 3)).convert("RGB").tobytes() == expected


def test_a_file_of_a_scene_holds_its_palette() -> None:
    scene = draw_scene("seed", 1, (64, 32))
    with Image.open(io.BytesIO(encode_png(scene)), formats=["PNG"]) as result:
        assert result.mode == "P"
        assert result.convert("RGB").tobytes() == scene.convert("RGB").tobytes()


def test_alpha_that_shows_nothing_is_left_out_of_a_file() -> None:
    with Image.open(io.BytesIO(encode_png(picture())), formats=["PNG"]) as result:
        assert result.mode == "RGB"


def test_without_a_mask_the_transparency_of_the_image_is_the_mask() -> None:
    source = picture()
    source.paste(CLEAR, (0, 0, 256, 100))
    (content,) = contents(edit(image=pack(source)))
    result = opened(content)
    assert result.mode == "RGB"
    kept, hole = (0, 100, 256, 256), (0, 0, 256, 100)
    assert result.crop(kept).tobytes() == source.convert("RGB").crop(kept).tobytes()
    assert difference(result.crop(hole), source.crop(hole)) > 8


def test_a_mask_that_opens_nothing_leaves_the_image_as_it_is() -> None:
    source = picture()
    (content,) = contents(edit(image=pack(source), mask=png((256, 256), colour=OPAQUE)))
    assert opened(content).convert("RGBA").tobytes() == source.tobytes()


def test_the_mask_and_the_image_are_part_of_the_request() -> None:
    source = pack(picture())
    answers = [
        edit(image=source, mask=pack(half_mask())),
        edit(image=source, mask=png((256, 256))),
        edit(image=pack(picture().rotate(90)), mask=png((256, 256))),
    ]
    assert len({contents(answer)[0] for answer in answers}) == 3


def test_a_variation_resembles_its_source_and_is_not_it() -> None:
    source, other = picture(), picture().rotate(90)
    for content in contents(vary(image=pack(source), n="4")):
        result = opened(content)
        assert 3 < difference(result, source) < difference(result, other)

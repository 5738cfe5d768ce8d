"""Lies about valid requests: a value, a field, or the lack of one is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from conformance.mutants.lies.requests import refusing
from conformance.mutants.mutant import OPERATIONS, Lie, Mutant, behaving
from conformance.reference import Operation, RefusedError, Values
from conformance.reference.validation import validate

_CREATE: Final = OPERATIONS[:1]


def lies() -> tuple[Lie, ...]:
    """Return the lies of this module."""
    return (*_refused_values(), *_refused_fields(), *_demanded())


def model_refused_in_one() -> Iterator[Mutant]:
    """Yield servers of which one operation refuses a model by name that the others take, and works without it."""
    kinds = dict(zip(OPERATIONS, ("generations", "edits", "variations"), strict=True))
    for operation, kind in kinds.items():

        def strict(asked: Operation, values: Values, kind: str = kind) -> Values:
            if asked.kind == kind and values.get("model") == "dall-e-2":
                raise RefusedError("This is not available here.", status=404)
            return validate(asked, values)

        yield Mutant(
            f"{operation}/model-refused-here",
            "dall-e-2 is refused by name, which the other operations take",
            behaving(validate=strict),
            (f"{operation}/model/accepted",),
            only=("*/accepted", "*/model/*"),
        )


def _refused_values() -> tuple[Lie, ...]:
    def equal(name: str, *values: object) -> Callable[[Values], bool]:
        return lambda sent: sent.get(name) in values

    def many(values: Values) -> bool:
        n = values.get("n")
        return isinstance(n, int | float) and n > 1

    def floating(values: Values) -> bool:
        return isinstance(values.get("n"), float)

    def null(name: str) -> Callable[[Values], bool]:
        return lambda values: name in values and values[name] is None

    nulls = [
        Lie(
            f"{name}-null-refused",
            f"null is refused for {name}",
            refusing(name, null(name)),
            (f"{name}/nullable",),
            _CREATE,
            # Null is among the documented values of a model that limits the field.
            consequences=(f"{name}/accepted@*",),
        )
        for name in ("n", "size", "response_format", "style")
    ]
    return (
        *nulls,
        Lie("n-only-1", "n over 1 is refused", refusing("n", many), ("n/accepted*",)),
        Lie("n-10-refused", "n of 10 is refused", refusing("n", equal("n", 10)), ("n/accepted",)),
        Lie("n-1-refused", "n of 1 is refused", refusing("n", equal("n", 1)), ("n/accepted*",)),
        Lie("n-fraction-refused", "n written as 1.0 is refused", refusing("n", floating), ("n/integer-form",), _CREATE),
        Lie(
            "b64-refused",
            "b64_json is refused",
            refusing("response_format", equal("response_format", "b64_json")),
            ("response_format/accepted*",),
        ),
        Lie(
            "url-refused",
            "url is refused",
            refusing("response_format", equal("response_format", "url")),
            ("response_format/accepted*",),
        ),
        Lie("size-256-refused", "256x256 is refused", refusing("size", equal("size", "256x256")), ("size/accepted*",)),
        Lie("size-512-refused", "512x512 is refused", refusing("size", equal("size", "512x512")), ("size/accepted*",)),
        Lie(
            "size-1024-refused",
            "1024x1024 is refused",
            refusing("size", equal("size", "1024x1024")),
            ("size/accepted*",),
        ),
        Lie(
            "size-wide-refused",
            "1792x1024 is refused",
            refusing("size", equal("size", "1792x1024")),
            ("size/accepted*",),
            _CREATE,
        ),
        Lie(
            "own-model-only-1024",
            "a model of the server's own is served in 1024x1024 only",
            refusing(
                "size", lambda sent: sent.get("model") == "other-model" and sent.get("size", "1024x1024") != "1024x1024"
            ),
            ("size/accepted",),
            ("createImage",),
            ("other-model",),
            consequences=("size/nullable",),
        ),
        Lie(
            "size-only-1024",
            "only 1024x1024 is taken",
            refusing("size", equal("size", "256x256", "512x512")),
            ("size/accepted*",),
        ),
        Lie(
            "hd-refused", "hd is refused", refusing("quality", equal("quality", "hd")), ("quality/accepted*",), _CREATE
        ),
        Lie(
            "natural-refused",
            "natural is refused",
            refusing("style", equal("style", "natural")),
            ("style/accepted*",),
            _CREATE,
        ),
    )


def _refused_fields() -> tuple[Lie, ...]:
    names = {
        "createImage": ("model", "n", "quality", "response_format", "size", "style", "user"),
        "createImageEdit": ("mask", "model", "n", "size", "response_format", "user"),
        "createImageVariation": ("model", "n", "size", "response_format", "user"),
    }
    return tuple(
        Lie(
            f"{name}-refused",
            f"a request with {name} is refused",
            refusing(name, lambda values, name=name: values.get(name) is not None),
            # A mask has no values of its own to accept, only rules about what else may be beside it.
            ("mask/opaque-image", "mask/file-size-accepted", "mask/flavours")
            if name == "mask"
            else (f"{name}/accepted*",),
            (operation,),
        )
        for operation, fields in names.items()
        for name in fields
    )


def _demanded() -> tuple[Lie, ...]:
    names = {
        "createImage": ("model", "n", "response_format", "size", "user"),
        "createImageEdit": ("mask", "model", "n", "size", "response_format", "user"),
        "createImageVariation": ("model", "n", "size", "response_format", "user"),
    }
    return tuple(
        Lie(
            f"{name}-demanded",
            f"a request without {name} is refused",
            refusing(name, lambda values, name=name: name not in values),
            (f"{name}/optional",),
            (operation,),
        )
        for operation, fields in names.items()
        for name in fields
    )

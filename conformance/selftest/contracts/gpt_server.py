"""A small server of the GPT-image contract: holds every request against its schema by ``jsonschema``, draws one pixel.

Forms are read the way their fields are declared: numbers and booleans from their text, ``image`` and ``image[]`` as one
file or several. An image that is streamed comes as one event.
"""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path
from typing import Any, TypeAlias, cast

import yaml
from jsonschema import Draft202012Validator
from PIL import Image
from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

CONTRACT = Path(__file__).with_name("gpt_images.yaml")
KEY = "sk-gpt-0123456789"
Fields: TypeAlias = dict[str, Any]
_DOCUMENT: dict[str, Any] = yaml.safe_load(CONTRACT.read_bytes())
_MODELS = [{"id": "gpt-image-1", "object": "model", "created": 1745000000, "owned_by": "otters"}]


class RefusedError(Exception):
    """A request is refused, with a status and a sentence."""

    def __init__(self, message: str, status: int = 400) -> None:
        """Take the sentence and the status."""
        super().__init__(message)
        self.status = status


def create_app(faults: frozenset[str] = frozenset()) -> Starlette:
    """Make the server; ``faults`` are ``many-images``, ``condition-ignored`` and ``unknown-member``."""

    async def generate(request: Request) -> Response:
        _check_key(request)
        return _answer(_checked("GenerationRequest", await _json(request), faults))

    async def edit(request: Request) -> Response:
        _check_key(request)
        if request.headers.get("content-type", "").startswith("multipart/form-data"):
            return _answer(_checked("EditForm", await _form(request), faults))
        return _answer(_checked("EditRequest", await _json(request), faults))

    async def models(request: Request) -> Response:
        _check_key(request)
        return JSONResponse({"object": "list", "data": _MODELS})

    return Starlette(
        routes=[
            Route("/v1/images/generations", generate, methods=["POST"]),
            Route("/v1/images/edits", edit, methods=["POST"]),
            Route("/v1/models", models, methods=["GET"]),
        ],
        exception_handlers={RefusedError: _refuse, HTTPException: _refuse_route},
    )


def _check_key(request: Request) -> None:
    if request.headers.get("authorization") != f"Bearer {KEY}":
        raise RefusedError("The key is missing or wrong.", 401)


async def _json(request: Request) -> Fields:
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise RefusedError("The body must be JSON.", 415)
    try:
        value: object = json.loads((await request.body()).decode(), parse_int=lambda text: int(text[:400]))
        json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise RefusedError("The body is not JSON.") from None
    if not isinstance(value, dict):
        raise RefusedError("The body must be an object.")
    return cast("Fields", value)


async def _form(request: Request) -> Fields:
    # A form that was cut off lacks its last boundary.
    if not (await request.body()).rstrip().endswith(b"--"):
        raise RefusedError("The form is cut off.")
    properties = _DOCUMENT["components"]["schemas"]["EditForm"]["properties"]
    fields: Fields = {}
    try:
        async with request.form() as form:
            for name in dict.fromkeys(form):
                parts = form.getlist(name)
                values = ["file" if isinstance(one, UploadFile) else _read(properties.get(name), one) for one in parts]
                fields[name.removesuffix("[]")] = values if name.endswith("[]") else values[-1]
    except (MultiPartException, HTTPException, KeyError):
        raise RefusedError("The body is no form.") from None
    return fields


def _read(schema: Fields | None, text: str) -> object:
    """Read a field's text as what its schema is due, or leave it."""
    target = (
        _DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]] if schema and "$ref" in schema else schema
    )
    if target and target.get("type") in ("integer", "boolean"):
        try:
            value: object = json.loads(text[:400])
        except ValueError:
            return text
        return value if isinstance(value, int | float) else text
    return text


def _checked(name: str, fields: Fields, faults: frozenset[str]) -> Fields:
    asked = dict(fields)
    if "many-images" in faults and isinstance(asked.get("image"), list):
        asked["image"] = asked["image"][:16]
    if "condition-ignored" in faults and asked.get("background") == "transparent":
        asked["background"] = "opaque"
    if "unknown-member" in faults and isinstance(asked.get("mask"), dict):
        asked["mask"] = {key: value for key, value in asked["mask"].items() if key in ("file_id", "image_url")}
    validator = Draft202012Validator(
        {"$ref": f"#/components/schemas/{name}", "components": _DOCUMENT["components"]},
        format_checker=Draft202012Validator.FORMAT_CHECKER,
    )
    error = next(iter(validator.iter_errors(asked)), None)  # pyright: ignore[reportUnknownMemberType]
    references = [*(asked.get("images") or ()), asked.get("mask")] if name == "EditRequest" else []
    # jsonschema knows a URI only with a package that is not installed here.
    if any(" " in json.dumps(one, separators=(",", ":")) for one in references):
        raise RefusedError("image_url is no URL.")
    if error is not None:
        raise RefusedError(error.message[:200])
    return fields


def _answer(fields: Fields) -> Response:
    buffer = io.BytesIO()
    Image.new("RGB", (1, 1)).save(buffer, "PNG")
    image = base64.b64encode(buffer.getvalue()).decode()
    if fields.get("stream") is True:
        event = {"type": "image_generation.completed", "b64_json": image}
        return Response(f"data: {json.dumps(event)}\n\n", media_type="text/event-stream")
    usage = {"input_tokens": 1, "output_tokens": 2, "total_tokens": 3}
    data = [{"b64_json": image}] * int(fields.get("n", 1))
    return JSONResponse({"created": 1745000000, "data": data, "output_format": "png", "usage": usage})


async def _refuse(_: Request, error: Exception) -> Response:
    refused = cast("RefusedError", error)
    body = {"error": {"message": str(refused), "type": "invalid_request_error", "param": None}}
    return JSONResponse(body, refused.status)


async def _refuse_route(_: Request, error: Exception) -> Response:
    status = cast("HTTPException", error).status_code
    return JSONResponse({"error": {"message": "Not here.", "type": "invalid_request_error", "param": None}}, status)

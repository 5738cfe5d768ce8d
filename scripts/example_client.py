"""Uses the generated client for all three operations: one after the other, then all at once.

    OPENAI_BASE_URL=http://127.0.0.1:8080/v1 OPENAI_API_KEY=... python -m scripts.example_client

It prints one line an answer, and exits 1 unless each of them holds images.
"""

import asyncio
import os
import sys
from collections.abc import Sequence
from io import BytesIO

import httpx
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
from PIL import Image

Answer = Response[ErrorResponse | ImagesResponse]

PROMPT = "A cute baby sea otter"


def square() -> File:
    """Make a transparent PNG file of 256x256 pixels."""
    payload = BytesIO()
    Image.new("RGBA", (256, 256)).save(payload, "PNG")
    return File(payload=payload, file_name="square.png", mime_type="image/png")


def one_after_the_other(client: AuthenticatedClient) -> list[Answer]:
    """Call the three operations, with every field that a dall-e-2 request can have.

    Raises httpx.HTTPError if no answer comes back, as each function below does.
    """
    return [
        create_image.sync_detailed(
            client=client,
            body=CreateImageRequest(
                prompt=PROMPT, model="dall-e-2", n=1, response_format="b64_json", size="256x256", user="user-1234"
            ),
        ),
        create_image_edit.sync_detailed(
            client=client,
            body=CreateImageEditRequest(
                image=square(),
                mask=square(),
                prompt=PROMPT,
                model="dall-e-2",
                n=1,
                response_format="b64_json",
                size="256x256",
                user="user-1234",
            ),
        ),
        create_image_variation.sync_detailed(
            client=client,
            body=CreateImageVariationRequest(
                image=square(), model="dall-e-2", n=1, response_format="b64_json", size="256x256", user="user-1234"
            ),
        ),
    ]


async def all_at_once(client: AuthenticatedClient) -> list[Answer]:
    """Call the three operations at the same time, with nothing but the fields that they require."""
    async with client:
        answers = await asyncio.gather(
            create_image.asyncio_detailed(client=client, body=CreateImageRequest(prompt=PROMPT)),
            create_image_edit.asyncio_detailed(
                client=client, body=CreateImageEditRequest(image=square(), prompt=PROMPT)
            ),
            create_image_variation.asyncio_detailed(client=client, body=CreateImageVariationRequest(image=square())),
        )
    return list(answers)


def describe(answer: Answer) -> str:
    """Say in one line what came back; no kind of answer is left out."""
    match answer.parsed:
        case ImagesResponse(created=created, data=data):
            forms = ["a file" if image.b64_json else f"at {image.url or 'no address'}" for image in data]
            return f"{answer.status_code:d}: {len(data)} image(s) made at {created}: {', '.join(forms)}"
        case ErrorResponse(error=error):
            return f"{answer.status_code:d}: {error.type_}: {error.message} (param {error.param}, code {error.code})"
        case None:
            return f"{answer.status_code:d}: not an answer of this API: {answer.content[:80]!r}"


def report(answers: Sequence[Answer]) -> bool:
    """Print the answers; say whether each of them holds images."""
    for answer in answers:
        sys.stdout.write(f"{describe(answer)}\n")
    return all(isinstance(answer.parsed, ImagesResponse) for answer in answers)


def main() -> int:
    """Run from the command line; the result is the exit status."""
    try:
        client = AuthenticatedClient(
            base_url=os.environ.get("OPENAI_BASE_URL", "https://api.openai.com/v1"),
            token=os.environ.get("OPENAI_API_KEY", "no-key"),
        )
    except ValueError as error:
        sys.stderr.write(f"example_client: OPENAI_API_KEY: {error}\n")
        return 2
    try:
        with client:
            answers = one_after_the_other(client)
        answers += asyncio.run(all_at_once(client))
    except httpx.HTTPError as error:
        sys.stderr.write(f"example_client: no answer: {error!r}\n")
        return 2
    return 0 if report(answers) else 1


if __name__ == "__main__":
    sys.exit(main())

"""No input makes the server fail: whatever the bytes, the answer is a success or a refusal in the envelope."""

import contextlib

import httpx
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.reference.errors import RefusedError
from conformance.reference.files import decode_file
from conformance.reference.values import Limits
from conformance.selftest.reference.server import (
    CORRECT,
    EDITS,
    GENERATIONS,
    VARIATIONS,
    form,
    generate_raw,
    images,
    png,
    refusal,
    send,
)

FORM = "multipart/form-data; boundary=b"
PNG = png((4, 4))
JSON = b'{"prompt": "a \\ud83e\\udda6 \xc3\xa9", "n": 2, "size": "256x256", "model": "dall-e-2", "user": "u"}'
BODY = (
    b'--b\r\nContent-Disposition: form-data; name="prompt"\r\n\r\na\r\n'
    b'--b\r\nContent-Disposition: form-data; name="n"\r\n\r\n2\r\n'
    b'--b\r\nContent-Disposition: form-data; name="size"\r\n\r\n256x256\r\n'
    b'--b\r\nContent-Disposition: form-data; name="image"; filename="i.png"\r\nContent-Type: image/png\r\n\r\n'
    + PNG
    + b"\r\n--b--\r\n"
)

fuzz = settings(derandomize=True, database=None, deadline=None, max_examples=150)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
fields = st.fixed_dictionaries(
    {},
    optional={
        "prompt": st.text() | json_values,
        "n": st.integers(-2, 3) | json_values,
        "size": st.sampled_from(["256x256", "1x1", "1024x1792"]) | json_values,
        "model": st.sampled_from(["dall-e-2", "dall-e-3"]) | json_values,
        "style": st.sampled_from(["vivid", "x"]) | json_values,
        "quality": json_values,
        "response_format": st.sampled_from(["url", "b64_json"]) | json_values,
        "user": json_values,
    },
)
parts = st.lists(
    st.tuples(
        st.sampled_from(["prompt", "n", "size", "image", "image[]", "mask", "model", "user", "x"]),
        st.sampled_from([b"1", b"256x256", b"a", PNG, png((8, 8)), PNG[:40]]) | st.binary(),
        st.sampled_from([None, "", "i.png"]),
    ),
    max_size=5,
)


def mutated(content: bytes) -> st.SearchStrategy[bytes]:
    """Cut pieces of a valid content out, put others in, overwrite some."""
    edits = st.lists(
        st.tuples(st.integers(0, len(content)), st.integers(0, 12), st.binary(max_size=12)), min_size=1, max_size=4
    )

    def apply(changes: list[tuple[int, int, bytes]]) -> bytes:
        result = content
        for start, length, piece in changes:
            result = result[:start] + piece + result[start + length :]
        return result

    return edits.map(apply)


def check(answer: httpx.Response) -> None:
    if answer.status_code == 200:
        images(answer)
    else:
        assert answer.status_code in {400, 415}
        refusal(answer, answer.status_code)


@fuzz
@given(st.binary() | mutated(JSON))
def test_any_bytes_as_json(body: bytes) -> None:
    check(generate_raw(body))


@fuzz
@given(fields)
def test_any_json_values(values: dict[str, object]) -> None:
    check(generate_raw(values))


@fuzz
@given(st.sampled_from([EDITS, VARIATIONS]), st.binary() | mutated(BODY))
def test_any_bytes_as_a_form(url: str, body: bytes) -> None:
    check(send(CORRECT, "POST", url, content=body, headers={"Content-Type": FORM}))


@fuzz
@given(st.sampled_from([EDITS, VARIATIONS]), parts)
def test_any_parts_of_a_form(url: str, sent: list[tuple[str, bytes, str | None]]) -> None:
    check(form(*sent, url=url))


@fuzz
@given(
    st.sampled_from([GENERATIONS, EDITS]),
    st.binary(max_size=60) | mutated(FORM.encode()) | mutated(b"application/json; charset=utf-8"),
    st.binary(max_size=40),
)
def test_any_header_fields(url: str, content_type: bytes, authorization: bytes) -> None:
    headers = [(b"Content-Type", content_type), (b"Authorization", authorization)]
    check(send(CORRECT, "POST", url, content=BODY, headers=headers))


@settings(fuzz, max_examples=500)
@given(st.sampled_from([PNG, png((4, 4), "P", 1), png((4, 4), "I;16", 1)]).flatmap(mutated))
def test_any_bytes_as_a_png_file(content: bytes) -> None:
    judged = None
    with contextlib.suppress(RefusedError):
        judged = decode_file("image", content, Limits()).pixels.mode
    assert judged in {None, "RGBA"}

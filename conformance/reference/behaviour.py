"""What a server does, as one frozen value: every decision on the way from a request to its answer is a field.

The defaults make the correct server. A server with one fault is ``attrs.evolve(Behaviour(), <field>=<function>)``,
where the function usually calls the correct one and then lies about one thing:

=================================================  ====================================================
a lie                                              the field to replace
=================================================  ====================================================
``created`` in milliseconds, a bare list           ``build_answer``
both forms in an item, or none                     ``build_item``
``n`` or ``size`` or ``response_format`` ignored   ``count_images``, ``choose_size``, ``choose_response_format``
a value refused, admitted, or replaced             ``validate`` (it takes the values and returns those to use)
JPEG, 4 MiB, oblong, opaque, other mask admitted   ``decode_file``, ``check_file_size``, ``check_square``, ...
the mask or the seed without effect, no image      ``draw``
URL relative, ``data:``, dead, locked, HTML        ``build_url``, ``serve_image``
base64 of another alphabet, prefixed, cut off      ``encode_base64``
no key asked for                                   ``check_credentials``
another status, envelope, or kind of document      ``refuse`` (it sees every refusal, 404 and 405 included)
a form that depends on the order of its parts      ``parse_form`` or ``read_form``
=================================================  ====================================================
"""

import time
from collections.abc import Callable, Sequence

import attrs
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response

from conformance.reference import access, answers, bodies, drawing, errors, files, forms, orders, validation
from conformance.reference.contract import Operation, load_contract
from conformance.reference.store import Shelf, Store
from conformance.reference.values import JsonValue, Limits, Node, Order, Part, Picture, Size, Submission, Values


@attrs.frozen
class Behaviour:
    """The contract that a server keeps, its surroundings, and the steps of an answer in the order they are taken.

    ``contract`` is the parsed document; ``clock`` gives Unix time in seconds; without an ``api_key`` none is asked
    for; ``make_store`` makes, for a number of bytes, what keeps the uploads of one server. A step that refuses a
    request raises ``RefusedError``. ``draw`` is taken when an image is sent: with the answer as ``b64_json``, or when
    its URL is fetched.
    """

    contract: Node = attrs.field(factory=load_contract, repr=False, eq=False)
    limits: Limits = attrs.field(factory=Limits)
    clock: Callable[[], float] = time.time
    api_key: str | None = attrs.field(default=None, repr=False)
    make_store: Callable[[int], Store] = Shelf

    read_origin: Callable[[Request], str] = access.read_origin
    check_credentials: Callable[[str | None, Headers], None] = access.check_credentials
    check_media_type: Callable[[str, str, str], None] = bodies.check_media_type
    parse_json: Callable[[bytes, Limits], Values] = bodies.parse_json
    parse_form: Callable[[str, bytes, Limits], tuple[Part, ...]] = forms.parse_form
    read_form: Callable[[Operation, tuple[Part, ...]], Submission] = forms.read_form
    validate: Callable[[Operation, Values], Values] = validation.validate
    check_file_size: Callable[[str, bytes, Limits], None] = files.check_file_size
    decode_file: Callable[[str, bytes, Limits], Picture] = files.decode_file
    check_square: Callable[[str, Picture], None] = files.check_square
    check_mask_size: Callable[[Picture, Picture], None] = files.check_mask_size
    check_transparency: Callable[[Picture], None] = files.check_transparency
    count_images: Callable[[Operation, Values, Limits], int] = orders.count_images
    choose_size: Callable[[Operation, Values, Limits], Size] = orders.choose_size
    choose_response_format: Callable[[Operation, Values], str] = orders.choose_response_format
    draw: Callable[[Order, int], bytes] = drawing.draw
    encode_base64: Callable[[bytes], str] = answers.encode_base64
    build_url: Callable[[str, str, Callable[[], bytes]], str] = answers.build_url
    build_item: Callable[[Order, Callable[[], str], Callable[[], str]], JsonValue] = answers.build_item
    build_answer: Callable[[float, Sequence[JsonValue]], JsonValue] = answers.build_answer
    respond: Callable[[JsonValue], Response] = answers.build_response
    serve_image: Callable[[Request, bytes], Response] = answers.serve_image
    refuse: Callable[[errors.RefusedError], Response] = errors.build_refusal

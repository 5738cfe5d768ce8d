"""What a user can set for a run, checked before anything is sent."""

from __future__ import annotations

import base64
import ipaddress
import re
from collections.abc import Mapping
from math import prod
from pathlib import Path

import httpx
from attrs import field, frozen

from conformance import CONTRACT
from conformance.suite.exchange import bounds
from conformance.suite.rules.rule import Level

_PORTS = range(1, 65536)
_TOKEN = re.compile(r"!?[0-9A-Za-z#$%&'*+.^_`|~-]+")
_SIZE = re.compile(r"[1-9][0-9]{0,4}x[1-9][0-9]{0,4}")
MARK = "!"
"""Stands in front of the name of a header whose value is a secret though its name doesn't say so."""
_SECRET = re.compile("auth|cookie|credential|key|passw|secret|session|signature|token", re.IGNORECASE)
_HARMLESS = re.compile("portkey|monkey|keyword|author(?!i)|tokeni[sz]er", re.IGNORECASE)
"""Words in the names of headers that only look as if they said so: a gateway's own name, what a text is made of."""


REQUESTS = 400
"""The most requests that a run sends if nothing else is asked for."""


class UsageError(Exception):
    """The user's input can't be used; the message is one sentence that says what to do."""


@frozen
class Target:
    """The server under test.

    ``url`` is the base URL that ends in ``/v1`` or wherever the operations hang. ``key`` and ``headers`` go to this
    server alone. The key is a secret, and so is the value of a header whose name says so or is marked by a ``!`` in
    front: they appear in nothing that a run writes. Other headers hold names, numbers and addresses, which stand in
    answers too. ``embedded`` says that it is the reference server, which a run without a URL starts for itself;
    ``insecure`` that no certificate is checked, neither its own nor that of a host with its images.
    """

    url: str
    key: str | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(factory=dict[str, str], repr=False, hash=False)
    embedded: bool = False
    insecure: bool = False

    @property
    def sent(self) -> dict[str, str]:
        """The headers by the names under which they are sent."""
        return {name.removeprefix(MARK): value for name, value in self.headers.items()}

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every text that must not be stored, the longest first.

        Of ``Basic abc`` and of ``session=abc`` the second half is a secret by itself too, for a server may repeat that;
        and so are the user name with the password, and the password alone, that are written as ``abc``.
        """
        values = {self.key or ""}
        for name, value in self.headers.items():
            if is_secret(name):
                halves = {"authorization": " ", "cookie": "="}
                values |= {value} | {value.partition(by)[2].strip() for of, by in halves.items() if of in name.lower()}
                values |= _credentials(value)
        return tuple(sorted((value for value in values if value), key=len, reverse=True))


@frozen
class Limits:
    """Bounds on what a run does and takes: seconds per answer, bytes per body, requests at once, images in all.

    ``size`` is that of the largest images to ask for, as ``width x height`` in pixels without the spaces.
    ``refusal`` is the least number of seconds that a refusal is waited for; the time that answers take may add to it.
    ``requests`` is how many are sent in all, again or not, and whatever comes of them.
    ``deadline`` is how many seconds a run may send in all, ``rate`` how many requests a second go to the target.
    """

    seconds: float = 180.0
    refusal: float = 10.0
    bytes: int = bounds.BYTES
    concurrency: int = 2
    images: int | None = None
    attempts: int = 3
    size: str | None = None
    requests: int | None = None
    deadline: float | None = None
    rate: float | None = None

    @property
    def effort(self) -> int | None:
        """The most work that a request may ask for each of its results, in pixels."""
        return prod(map(int, self.size.split("x"))) if self.size else None


@frozen
class Settings:
    """A whole run."""

    target: Target
    contract: Path = CONTRACT
    model: str | None = None
    models: Mapping[str, str] = field(factory=dict[str, str], hash=False)
    sizes: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    level: Level = Level.ADVICE
    limits: Limits = Limits()
    examples: int = 3
    seed: int = 1
    out: Path = Path("report")
    known: Path | None = None
    resume: bool = False


def is_loopback(url: str) -> bool:
    """Whether a base URL leads to this very machine; False for one that is none."""
    try:
        host = httpx.URL(url).host.rstrip(".")
    except httpx.InvalidURL:
        return False
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_secret(name: str) -> bool:
    """Whether the value of a header of this name is a secret."""
    return name.startswith(MARK) or _SECRET.search(_HARMLESS.sub("", name)) is not None


def _credentials(value: str) -> set[str]:
    """Return what a header with a user name and a password says (RFC 7617, section 2); nothing if it is another one."""
    scheme, _, encoded = value.partition(" ")
    try:
        said = base64.b64decode(encoded, validate=True).decode() if scheme.lower() == "basic" else ""
    except ValueError:
        return set()
    return {said, said.partition(":")[2]}


def check_url(url: str) -> str:
    """Return a base URL without a trailing slash; raises UsageError if it is none."""
    if "@" in url:
        raise UsageError("the URL holds a user name or password; give secrets in OPENAI_API_KEY or HEADERS.")
    if "?" in url or "#" in url:
        raise UsageError("the base URL must end with its path, without a query or a fragment.")
    unusable = UsageError(f"{url!r} is not a base URL; give one such as http://127.0.0.1:8000/v1.")
    try:
        parts = httpx.URL(url)
        usable = parts.scheme in ("http", "https") and bool(parts.host) and (parts.port or 1) in _PORTS
    except (httpx.InvalidURL, ValueError) as error:
        raise unusable from error
    if not usable:
        raise unusable
    return url.rstrip("/")


def parse_headers(text: str) -> dict[str, str]:
    """Parse ``k: v; !k2: v2``; raises UsageError, without repeating a value, if it is something else."""
    headers: dict[str, str] = {}
    for pair in filter(None, (part.strip() for part in text.split(";"))):
        name, colon, value = pair.partition(":")
        token = name.strip()
        if not colon or not token or not _TOKEN.fullmatch(token):
            raise UsageError("HEADERS must look like 'name: value; name2: value2'.")
        if not value.strip().isprintable() or not value.isascii():
            raise UsageError(f"the value of the header {token!r} has characters that no header can carry.")
        headers[token] = value.strip()
    return headers


def parse_models(text: str) -> dict[str, str]:
    """Parse ``documented=own,operation:documented2=own2``; raises UsageError if it is something else."""
    models: dict[str, str] = {}
    for pair in filter(None, (part.strip() for part in text.split(","))):
        documented, equals, own = (part.strip() for part in pair.partition("="))
        if not equals or not documented or not own:
            raise UsageError("MODELS must look like 'dall-e-2=own-name,dall-e-3=other-name'.")
        models[documented] = own
    return models


def parse_size(text: str) -> str | None:
    """Parse one size, if any is given; raises UsageError if it is something else."""
    if text.strip() and not _SIZE.fullmatch(text.strip()):
        raise UsageError("MAX_SIZE must look like '512x512', the width in pixels first.")
    return text.strip() or None


def parse_sizes(text: str) -> tuple[str, ...]:
    """Parse ``64x64,512x512``, width first; raises UsageError if it is something else."""
    sizes = tuple(filter(None, (part.strip() for part in text.split(","))))
    if not all(_SIZE.fullmatch(size) for size in sizes):
        raise UsageError("SIZES must look like '64x64,512x512', the width in pixels first.")
    return tuple(dict.fromkeys(sizes))

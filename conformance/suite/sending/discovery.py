"""Finds out how a server is to be called before anything is asked of it that costs.

That is whether and how it can be reached, where its operations hang, and which models it names.
Nothing that is found here decides a rule. A server need not list its models, nor answer any of these requests.
"""

from __future__ import annotations

import asyncio
import json
import re
import ssl
from collections.abc import Iterator

import httpx
from attrs import evolve, frozen

from conformance.suite.contract.document import Contract
from conformance.suite.exchange.recording import Answer
from conformance.suite.rules.api import Api
from conformance.suite.sending import redaction
from conformance.suite.sending.sender import USER_AGENT, headers_of
from conformance.suite.sending.transfer import Transfer
from conformance.suite.settings import Settings

_SECONDS = 10.0
"""What is only good to know is not waited for any longer."""
_BYTES = 1024 * 1024
_MOST = 100
_NAME = re.compile("[!-~]{1,100}")
"""What is taken for the name of a model: something that can be typed."""
_VERSION = re.compile(r"/v[0-9][0-9a-z.]*$", re.IGNORECASE)
_BAD_REQUEST, _MISSING = 400, 404
_CERTIFICATE = {
    9: "its certificate is not valid yet",
    10: "its certificate has expired",
    18: "its certificate is self-signed",
    19: "its certificate is self-signed",
    20: "its certificate is from an issuer that is not known here",
    21: "its certificate is from an issuer that is not known here",
    62: "its certificate is for another host name",
    64: "its certificate is for another address",
}
"""What is wrong with a certificate, by OpenSSL's codes (x509_vfy.h)."""


class CouldNotRun(Exception):  # noqa: N818 - says what happened; it is no fault of the program
    """The server can't be tested at all; the message is one sentence that says what to do."""


async def reach(client: httpx.AsyncClient, settings: Settings) -> None:
    """Make sure that something listens at the target and speaks HTTP as its URL says; raises CouldNotRun."""
    cut = redaction.of(settings.target)
    url = cut.text(settings.target.url)
    try:
        async with (
            asyncio.timeout(settings.limits.seconds),
            client.stream("HEAD", settings.target.url, headers=headers_of(settings.target)) as response,
        ):
            doubtful = response.status_code == _BAD_REQUEST
    except httpx.ConnectError as error:
        raise CouldNotRun(await _why_not(client, settings, error)) from error
    except (httpx.RemoteProtocolError, httpx.ReadError):
        doubtful = True
    except httpx.ConnectTimeout:
        # What speaks http may wait for more of what looks like a line to it.
        other = _with_scheme(settings.target.url, "http")
        if other and await _answers(client, other):
            raise CouldNotRun(_other_scheme(settings, other)) from None
        raise CouldNotRun(
            f"no connection to {url} came about; start the server, mend the URL, or give it longer with --timeout."
        ) from None
    except (httpx.InvalidURL, ValueError) as error:
        raise CouldNotRun(f"{url} can't be called: {cut.text(str(error))}; mend the URL.") from error
    except (httpx.HTTPError, OSError):
        # Something listens; what it makes of a request is for the rules to say.
        return
    other = _with_scheme(settings.target.url, "https") if doubtful else None
    if other and await _answers(client, other):
        raise CouldNotRun(_other_scheme(settings, other))


async def _why_not(client: httpx.AsyncClient, settings: Settings, error: httpx.ConnectError) -> str:
    cut = redaction.of(settings.target)
    url = cut.text(settings.target.url)
    failed = next((one for one in _behind(error) if isinstance(one, ssl.SSLError)), None)
    if isinstance(failed, ssl.SSLCertVerificationError):
        what = _CERTIFICATE.get(failed.verify_code, f"its certificate does not hold ({failed.verify_message})")
        return f"{url} can't be trusted: {what}; mend that, name its issuer in SSL_CERT_FILE, or give --insecure."
    other = _with_scheme(settings.target.url, "http") if failed else None
    if other and await _answers(client, other):
        return _other_scheme(settings, other)
    return f"no connection to {url}: {cut.text(str(error))}; start the server or mend the URL."


def _other_scheme(settings: Settings, other: str) -> str:
    cut = redaction.of(settings.target)
    here, there = (url.partition("://")[0].lower() for url in (settings.target.url, other))
    return f"{cut.text(settings.target.url)} speaks {there}, not {here}; call it {cut.text(other)}."


def _behind(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and what caused it."""
    found: BaseException | None = error
    while found is not None:
        yield found
        found = found.__cause__ or found.__context__


def _with_scheme(url: str, scheme: str) -> str | None:
    """Return the same URL under the other scheme, or None if it is under that one already."""
    own, _, rest = url.partition("://")
    return None if own.lower() == scheme else f"{scheme}://{rest}"


async def _answers(client: httpx.AsyncClient, url: str) -> bool:
    """Whether something at a URL speaks as its scheme says; no secret goes there."""
    try:
        async with asyncio.timeout(_SECONDS):
            async with client.stream("HEAD", url, headers={"user-agent": USER_AGENT}) as response:
                stream = response.extensions.get("network_stream")
                return stream is not None and bool(stream.get_extra_info("ssl_object")) is url.startswith("https")
    except (httpx.HTTPError, OSError, ValueError) as error:
        return any(isinstance(one, ssl.SSLCertVerificationError) for one in _behind(error))


@frozen
class Discovered:
    """What a server shows unasked: the models that it names, without secrets."""

    models: tuple[str, ...] = ()


async def discover(client: httpx.AsyncClient, settings: Settings, contract: Contract, api: Api) -> Discovered:
    """Ask a server for its models, which costs it nothing.

    Raises CouldNotRun if that, and the paths of the operations, show that the base URL is cut short.
    """
    if api.listing is None:
        return Discovered()
    look = _Look(Transfer(_brief(settings), client), settings)
    answer = await look.get(api.listing)
    listed = _json(answer)
    if listed is None and api.prefix and not _VERSION.search(settings.target.url):
        await _check_prefix(look, contract, api.listing, api.prefix)
    cut = redaction.of(settings.target)
    names = (cut.text(name) for name in api.listed(listed) if _NAME.fullmatch(name))
    return Discovered(tuple(dict.fromkeys(names))[:_MOST])


@frozen
class _Look:
    transfer: Transfer
    settings: Settings

    async def get(self, path: str) -> Answer | None:
        """Return what is answered to a GET below the base URL, or None."""
        target = self.settings.target
        answer, _ = await self.transfer.read("GET", target.url + path, headers_of(target), None)
        return answer


async def _check_prefix(look: _Look, contract: Contract, listing: str, prefix: str) -> None:
    """Raise CouldNotRun if the list of models and the operations are there only below a prefix."""
    if _json(await look.get(prefix + listing)) is None:
        return
    paths = [operation.path for operation in contract.operations.values() if "{" not in operation.path]
    for path in paths[:1]:
        here, there = await look.get(path), await look.get(prefix + path)
        if here is not None and not _is_there(here) and there is not None and _is_there(there):
            raise CouldNotRun(cut_short(look.settings, prefix))


def cut_short(settings: Settings, prefix: str) -> str:
    """Say that a base URL seems to lack its end."""
    url = redaction.of(settings.target).text(settings.target.url)
    return f"nothing that is to be checked is found at {url}; did you mean {url}{prefix}?"


def may_lack(url: str, prefix: str) -> bool:
    """Whether a base URL may lack this end."""
    return bool(prefix) and _VERSION.search(url) is None


def _is_there(answer: Answer) -> bool:
    """Whether a path has an operation: even to the wrong method something else is said than that nothing is there."""
    return answer.status != _MISSING and "html" not in answer.header("content-type").lower()


def _brief(settings: Settings) -> Settings:
    limits = settings.limits
    return evolve(settings, limits=evolve(limits, seconds=min(_SECONDS, limits.seconds), bytes=_BYTES))


def _json(answer: Answer | None) -> object:
    """Return what a successful answer says as JSON, or None."""
    if answer is None or not 200 <= answer.status < 300:  # noqa: PLR2004 - RFC 9110, section 15.3
        return None
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError):
        return None

"""The command line: arguments and environment become settings, or one sentence that says what is wrong."""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from attrs import frozen

from conformance import CONTRACT, distribution
from conformance.suite import variables
from conformance.suite.rules.rule import Level
from conformance.suite.settings import (
    REQUESTS,
    Limits,
    Settings,
    Target,
    UsageError,
    check_url,
    is_loopback,
    parse_headers,
    parse_models,
    parse_size,
    parse_sizes,
)

_CREDENTIALS = re.compile(r"//[^/@\s]*@")
_MOST = 1_000_000
ELSEWHERE = 24
"""The image budget of a run that leads to another machine, where images may cost money, if none is given."""
_UNITS = {"s": 1, "m": 60, "h": 3600}
_SUMMARY = "GITHUB_STEP_SUMMARY"
_ABOUT = """\
Checks a server against the documented rules of the OpenAI Images endpoints. Without a URL the embedded reference server
is checked. The key comes from OPENAI_API_KEY, headers for every request from IMAGES_HEADERS ('name: value; ...'). The
key and headers that are secret by their name, or by a ! in front of it, are never written anywhere. Exit code: 0
conformant, 1 not conformant, 2 could not run. `compare --help` says how reports are compared."""


@frozen
class Options:
    """What to do: the settings without a target if the embedded server is to be used, and what else was asked.

    ``price`` is that of an image. ``bounded`` says that nobody asked for the image budget. ``summary`` is the file to
    which GitHub wants a summary of the run added, ``adopt`` the one to which the failures go as known ones. ``verbose``
    and ``quiet`` say how much of the result is printed.
    """

    settings: Settings
    embedded: bool
    plan: bool
    rules: bool
    judge: Path | None
    price: float | None = None
    bounded: bool = False
    summary: Path | None = None
    adopt: Path | None = None
    verbose: bool = False
    quiet: bool = False


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{_CREDENTIALS.sub('//***@', message)}; see --help.")


def parse(arguments: Sequence[str], environment: Mapping[str, str]) -> Options:
    """Return the options; raises UsageError."""
    variables.check(environment.get(variables.GIVEN, ""))
    for argument in arguments:
        if not _is_text(argument):
            raise UsageError("an argument holds bytes that are no UTF-8; write it in UTF-8.")
    given = _parser().parse_args(arguments)
    url = _url(given.url, environment.get("OPENAI_BASE_URL"))
    target = Target(
        url=check_url(url) if url else "",
        key=_key(environment.get("OPENAI_API_KEY", "")) if url else None,
        headers=parse_headers(environment.get("IMAGES_HEADERS", "")) if url else {},
        insecure=given.insecure if url else False,
    )
    limits = Limits(
        seconds=given.timeout,
        concurrency=given.concurrency or (1 if url and not is_loopback(url) else Limits().concurrency),
        images=_images(given.images, url),
        requests=given.requests,
        size=parse_size(given.max_size),
        deadline=given.deadline,
        rate=given.rate,
    )
    settings = Settings(
        target=target,
        contract=Path(given.contract) if given.contract else CONTRACT,
        model=given.model or None,
        models=parse_models(given.models),
        sizes=parse_sizes(given.sizes),
        only=_patterns(given.only),
        exclude=_patterns(given.exclude),
        level=Level(given.level),
        limits=limits,
        examples=given.examples,
        seed=given.seed,
        out=Path(given.out),
        known=_file(given.known),
        resume=given.resume,
    )
    judge = _file(given.judge)
    if judge and given.resume:
        raise UsageError("--judge sends nothing, so that there is nothing to resume; leave one of the two out.")
    if given.price is not None and not given.plan:
        raise UsageError("--price says what a plan costs; give it with --plan.")
    if given.verbose and given.quiet:
        raise UsageError("--verbose prints everything and --quiet one line; leave one of the two out.")
    bounded = given.images is None and limits.images is not None
    summary, adopt = _file(environment.get(_SUMMARY)), _file(given.write_known)
    shown = given.verbose, given.quiet
    return Options(settings, not url, given.plan, given.rules, judge, given.price, bounded, summary, adopt, *shown)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="images-conformance", description=_ABOUT, allow_abbrev=False)
    add = parser.add_argument
    add(
        "url",
        nargs="?",
        help="base URL such as http://127.0.0.1:8000/v1; else OPENAI_BASE_URL, else the embedded server",
    )
    add(
        "--contract",
        default="",
        metavar="FILE",
        help="hold the server to this OpenAPI document (default: the contract of the DALL-E era)",
    )
    add("--model", default="", help="the server's model, sent where the contract leaves the model open")
    add(
        "--models",
        default="",
        metavar="ROLES",
        help="which of its models play documented ones: 'dall-e-2=a,dall-e-3=b,createImageEdit:dall-e-2=c'",
    )
    add("--sizes", default="", metavar="SIZES", help="image sizes of the server's own, such as '64x64,512x512'")
    add("--only", default="", metavar="GLOBS", help="rules to check, such as 'createImage/*'; the rest sends nothing")
    add("--exclude", default="", metavar="GLOBS", help="rules to leave out; what only they need is not sent")
    add("--level", default=Level.ADVICE.value, choices=[level.value for level in Level], help="judge up to this level")
    add(
        "--images",
        type=_number_or_all,
        default=None,
        metavar="N",
        help="let the server make at most this many images, whatever it makes of a request (default: all that are "
        f"wanted of this machine itself, {ELSEWHERE} of any other), or 'all'",
    )
    add(
        "--requests",
        type=_positive,
        default=REQUESTS,
        metavar="N",
        help=f"send at most this many requests, whatever comes of them (default {REQUESTS})",
    )
    add(
        "--price", type=_price, default=None, metavar="P", help="what an image costs: the --plan says what the run does"
    )
    add("--max-size", default="", metavar="SIZE", help="ask for no image larger than this, such as '512x512'")
    add(
        "--concurrency",
        type=_positive,
        default=None,
        metavar="N",
        help="requests at once (default 2 to this machine itself, 1 to any other)",
    )
    add(
        "--rate", type=_rate, default=None, metavar="N/U", help="requests in a time at most, such as 5/s, 10/m or 100/h"
    )
    add("--insecure", action="store_true", help="check no certificate, such as a self-signed one; the report says so")
    add(
        "--timeout",
        type=_seconds,
        default=Limits().seconds,
        metavar="S",
        help="seconds for a valid request's answer (default 180)",
    )
    add(
        "--deadline",
        type=_duration,
        default=None,
        metavar="TIME",
        help="send for at most so long, such as 90, 90s, 10m or 2h; what is left then is not judged",
    )
    add(
        "--examples",
        type=_whole,
        default=Settings(Target("")).examples,
        metavar="N",
        help="images that random valid requests of an operation ask for, on average; 0 for none of them (default 3)",
    )
    add("--seed", type=_whole, default=1, help="seed of the random requests (default 1)")
    add("--out", default="report", metavar="DIR", help="where the report goes (default report)")
    add("--known", default="", metavar="FILE", help="known failures: TOML with [[known]] tables of rule and reason")
    add("--write-known", default="", metavar="FILE", help="write what fails to such a file, and keep the reasons in it")
    add("--resume", action="store_true", help="send only what the recording in DIR lacks, and judge all together")
    add("--judge", default="", metavar="FILE", help="judge this recording again instead of talking to a server")
    add("-v", "--verbose", action="store_true", help="print each failure with all its cases, not only the causes")
    add("-q", "--quiet", action="store_true", help="print the closing line alone, and no progress")
    add("--plan", action="store_true", help="print what would be sent, and send nothing")
    add("--rules", action="store_true", help="print the rules, and send nothing")
    add("--version", action="version", version=f"%(prog)s {distribution.version()}")
    return parser


def _file(name: str | None) -> Path | None:
    return Path(name) if name else None


def _url(*given: str | None) -> str | None:
    """Return the first URL that was given, if any; an empty one, such as an unset secret of CI, stands for none."""
    url = next((url for url in given if url is not None), None)
    if url is not None and not url.strip():
        raise UsageError("the URL is empty; set it, or leave URL out to check the embedded reference server.")
    return url


def _patterns(text: str) -> tuple[str, ...]:
    return tuple(filter(None, (pattern.strip() for pattern in text.split(","))))


def _key(text: str) -> str | None:
    if text and not (text.isascii() and text.isprintable() and " " not in text):
        raise UsageError("OPENAI_API_KEY holds characters that no header can carry.")
    return text or None


def _is_text(argument: str) -> bool:
    try:
        argument.encode()
    except UnicodeEncodeError:  # Python puts half of a surrogate pair in the place of a byte that is none
        return False
    return True


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1")
    return int(text)


def _whole(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 0")
    return int(text)


def _rate(text: str) -> float:
    number, _, unit = text.partition("/")
    if unit not in _UNITS or not number.isascii() or not number.isdigit() or not 0 < int(number[:9]) <= _MOST:
        raise argparse.ArgumentTypeError(f"{text!r} is not a rate such as 5/s, 10/m or 100/h")
    return int(number) / _UNITS[unit]


def _duration(text: str) -> float:
    number, unit = (text[:-1], text[-1:]) if text[-1:] in _UNITS else (text, "s")
    try:
        return _seconds(str(_seconds(number) * _UNITS[unit]))
    except argparse.ArgumentTypeError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time such as 90, 90s, 10m or 2h") from None


def _images(given: int | None, url: str | None) -> int | None:
    """Return the image budget: what was given, or else a small one where images may cost money."""
    if given is not None:
        return given or None
    return None if not url or is_loopback(url) else ELSEWHERE


def _number_or_all(text: str) -> int:
    """Return a number, 0 for all."""
    return 0 if text == "all" else _positive(text)


def _price(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a price such as 0.02")
    return value


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds")
    return value

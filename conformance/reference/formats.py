r"""What a text of each format is: every ``format`` that JSON Schema names (2020-12, validation, section 7.3).

Where the validator's own check is exact and needs nothing that may be missing, it is taken; all others follow the
grammar of the document that defines the format. ``regex`` is any expression that ``patterns`` can read, which takes a
brace that stands alone for itself. The formats that OpenAPI adds are not checked: of ``int32``, ``int64``, ``float``
and ``double`` every JSON number is one, and ``byte`` and ``password`` say how a text is used. Only ``binary`` asks for
something, and only in a form: to be sent as a file.
"""

import ipaddress
import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from jsonschema import FormatChecker

from conformance.reference.patterns import compiled
from conformance.reference.values import FileText

_HOUR: Final = 60
_DAY: Final = 24 * _HOUR
_LEAP: Final = 60
_LONGEST_HOST: Final = 253

# RFC 3986, appendix A; RFC 3987, section 2.2, adds the characters beyond ASCII.
_BEYOND: Final = "\xa0-\ud7ff\uf900-\ufdcf\ufdf0-\uffef\U00010000-\U000dffff\U000e1000-\U000efffd"
_AUTHORITY: Final = r"(?:(?:[{0}:]|{1})*@)?(?:\[(?P<ip>[^\]]*)\]|(?:[{0}]|{1})*)(?::[0-9]*)?"
_PATH: Final = r"(?:(?:[{0}:@]|{1})+(?:/(?:[{0}:@]|{1})*)*)?"
_RELATIVE_PATH: Final = r"(?:(?:[{0}@]|{1})+(?:/(?:[{0}:@]|{1})*)*)?"
_TAIL: Final = r"(?:\?(?:[{0}:@/?{2}]|{1})*)?(?:#(?:[{0}:@/?]|{1})*)?"
_SCHEME: Final = r"[A-Za-z][A-Za-z0-9+.-]*:"


def _grammar(path: str, beyond: str = "", private: str = "") -> str:
    """Write the grammar of a reference that has this path where it has no authority."""
    whole = rf"(?://{_AUTHORITY}(?:/(?:[{{0}}:@]|{{1}})*)*|/{_PATH}|{path}){_TAIL}"
    return whole.format(rf"A-Za-z0-9._~!$&'()*+,;=\-{beyond}", "%[0-9A-Fa-f]{2}", private)


_URI: Final = re.compile(_SCHEME + _grammar(_PATH))
_URI_RELATIVE: Final = re.compile(_grammar(_RELATIVE_PATH))
_IRI: Final = re.compile(_SCHEME + _grammar(_PATH, _BEYOND, "\ue000-\uf8ff"))
_IRI_RELATIVE: Final = re.compile(_grammar(_RELATIVE_PATH, _BEYOND, "\ue000-\uf8ff"))
_NAME: Final = r"(?:[A-Za-z0-9_]|%[0-9A-Fa-f]{2})(?:\.?(?:[A-Za-z0-9_]|%[0-9A-Fa-f]{2}))*"
_VARIABLE: Final = rf"{_NAME}(?::[1-9][0-9]{{0,3}}|\*)?"
_TEMPLATE: Final = re.compile(
    rf"(?:[^\x00-\x20\"'%<>\\^`{{|}}\x7f]|%[0-9A-Fa-f]{{2}}|\{{[+#./;?&=,!@|]?{_VARIABLE}(?:,{_VARIABLE})*\}})*"
)
"""RFC 6570, section 2."""

_CLOCK: Final = r"([01][0-9]|2[0-3]):([0-5][0-9])"
_TIME: Final = re.compile(rf"{_CLOCK}:([0-5][0-9]|60)(?:\.[0-9]+)?(?:[Zz]|([+-]){_CLOCK})")
"""RFC 3339, section 5.6."""
_DAYS: Final = "(?:[0-9]+Y(?:[0-9]+M(?:[0-9]+D)?)?|[0-9]+M(?:[0-9]+D)?|[0-9]+D)"
_HOURS: Final = "T(?:[0-9]+H(?:[0-9]+M(?:[0-9]+S)?)?|[0-9]+M(?:[0-9]+S)?|[0-9]+S)"
_DURATION: Final = re.compile(f"P(?:{_DAYS}(?:{_HOURS})?|{_HOURS}|[0-9]+W)")
"""RFC 3339, appendix A."""
_HOST: Final = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.(?!$)|$))+")
"""RFC 1123, section 2.1."""
_ATOM: Final = r"A-Za-z0-9!#$%&'*+/=?^_`{|}~\-"
_LOCAL: Final = rf'(?:[{_ATOM}{{0}}]+(?:\.[{_ATOM}{{0}}]+)*|"(?:[ !#-\[\]-~{{0}}]|\\[ -~])*")'
"""RFC 5321, section 4.1.2; RFC 6531, section 3.3, adds the characters beyond ASCII."""
_POINTER: Final = re.compile(r"(?:/(?:[^~/]|~[01])*)*")
_RELATIVE_POINTER: Final = re.compile(rf"(?:0|[1-9][0-9]*)(?:#|{_POINTER.pattern})")


def _is_reference(*grammars: re.Pattern[str]) -> Callable[[str], bool]:
    """Make the check whether a text is of one of these grammars, and the address in its brackets one of IPv6."""

    def check(text: str) -> bool:
        match = next(filter(None, (grammar.fullmatch(text) for grammar in grammars)), None)
        return match is not None and (match["ip"] is None or _is_ip(match["ip"]))

    return check


def _is_ip(text: str) -> bool:
    if text[:1] in {"v", "V"}:
        return re.fullmatch(r"[vV][0-9A-Fa-f]+\.[A-Za-z0-9._~!$&'()*+,;=:-]+", text) is not None
    try:
        return not ipaddress.IPv6Address(text).scope_id
    except ValueError:
        return False


def _is_time(text: str) -> bool:
    """Whether a text is a time with its offset; a leap second is the last one of a day in UTC."""
    match = _TIME.fullmatch(text)
    if match is None or int(match[3]) < _LEAP:
        return match is not None
    offset = int(match[5] or 0) * _HOUR + int(match[6] or 0)
    minute = int(match[1]) * _HOUR + int(match[2]) - (-offset if match[4] == "-" else offset)
    return minute % _DAY == _DAY - 1


def _is_date_time(text: str) -> bool:
    return text[10:11] in {"T", "t"} and _known("date", text[:10]) and _is_time(text[11:])


def _is_host(text: str) -> bool:
    # Two hyphens may say that a label is encoded, and then there is more to it than its letters.
    return (
        _HOST.fullmatch(text) is not None
        and len(text) <= _LONGEST_HOST
        and ("--" not in text or _known("idn-hostname", text))
    )


def _is_mail(beyond: str, host: Callable[[str], bool]) -> Callable[[str], bool]:
    local = re.compile(_LOCAL.replace("{0}", beyond))

    def check(text: str) -> bool:
        name, _, domain = text.rpartition("@")
        literal = domain.startswith("[") and domain.endswith("]")
        address = domain[1:-1]
        version = "ipv6" if address.startswith("IPv6:") else "ipv4"
        return local.fullmatch(name) is not None and (
            _known(version, address.removeprefix("IPv6:")) if literal else host(domain)
        )

    return check


def _is_expression(text: str) -> bool:
    try:
        compiled(text)
    except (re.error, ValueError, OverflowError):
        return False
    return True


def _known(name: str, text: str) -> bool:
    return _BUILT_IN.conforms(text, name)


def _is_international_host(text: str) -> bool:
    return _known("idn-hostname", text)


_BUILT_IN: Final = FormatChecker(("date", "ipv4", "ipv6", "uuid", "idn-hostname"))
_CHECKS: Final[Mapping[str, Callable[[str], bool]]] = {
    "time": _is_time,
    "date-time": _is_date_time,
    "duration": lambda text: _DURATION.fullmatch(text) is not None,
    "email": _is_mail("", _is_host),
    "idn-email": _is_mail("\x80-\U0010ffff", _is_international_host),
    "hostname": _is_host,
    "uri": _is_reference(_URI),
    "uri-reference": _is_reference(_URI, _URI_RELATIVE),
    "iri": _is_reference(_IRI),
    "iri-reference": _is_reference(_IRI, _IRI_RELATIVE),
    "uri-template": lambda text: _TEMPLATE.fullmatch(text) is not None,
    "json-pointer": lambda text: _POINTER.fullmatch(text) is not None,
    "relative-json-pointer": lambda text: _RELATIVE_POINTER.fullmatch(text) is not None,
    "regex": _is_expression,
}


def _holds(check: Callable[[str], bool], value: object) -> bool:
    """Whether a value is of a format, which only a text can break."""
    return not isinstance(value, str) or check(value)


def _checker(more: Mapping[str, Callable[[str], bool]]) -> FormatChecker:
    checker = FormatChecker(tuple(_BUILT_IN.checkers))
    for name, check in {**_CHECKS, **more}.items():
        checker.checks(name)(partial(_holds, check))
    return checker


FORMATS: Final = _checker({})
"""The formats of a JSON body."""
FORM_FORMATS: Final = _checker({"binary": lambda text: isinstance(text, FileText)})
"""The formats of a form, where a binary text is a file."""

"""Cuts secrets out of what a server sent, before it is stored: a server may echo the key in an error."""

from __future__ import annotations

import json
import re
import urllib.parse

from conformance.suite.settings import Target

_SHORT, _TINY = 8, 4
_PERCENT = re.compile("%[0-9A-F]{2}")


def redact(data: bytes, target: Target) -> bytes:
    """Replace every secret by three asterisks: plain, percent-encoded, or escaped as in JSON.

    A short one, such as a tenant's name, is replaced only where it stands as a word, and a short number or one of less
    than four characters nowhere: the rest of an answer has to stay what it was.
    """
    for secret in target.secrets:
        quoted, escaped = urllib.parse.quote(secret, safe=""), json.dumps(secret)[1:-1]
        forms = {
            secret,
            quoted,
            _PERCENT.sub(lambda code: code[0].lower(), quoted),
            escaped,
            escaped.replace("/", "\\/"),
        }
        for form in sorted(forms, key=len, reverse=True):
            pattern = re.escape(form.encode())
            if len(secret) < _SHORT:
                pattern = (
                    b""
                    if secret.isdecimal() or len(secret) < _TINY
                    else rb"(?<![0-9A-Za-z])" + pattern + rb"(?![0-9A-Za-z])"
                )
            data = re.sub(pattern, b"***", data) if pattern else data
    return data


def clean_text(text: str, target: Target) -> str:
    """Return a text on one line without secrets."""
    return redact(" ".join(text.split()).encode(), target).decode(errors="replace")

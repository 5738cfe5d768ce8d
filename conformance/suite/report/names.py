"""Short names of operations, for where there is no room for their ids: `generations` for `POST /images/generations`.

They are made of what the contract says, as JSON pointers to the operations, so that any contract gets some.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from conformance.suite.contract.operation import METHODS


def short_names(places: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Return a name for each operation id, no two alike: the last word of its path, or with the method before it.

    ``places`` has pointers for each operation, of which one to it or into it will do. Where one has none, or words
    don't tell all apart, the names are the ids.
    """
    parts = {id_: next(filter(None, (_parts(id_, one) for one in found)), None) for id_, found in places.items()}
    for name in (_word, _word_and_method):
        names = {id_: name(*found) for id_, found in parts.items() if found is not None}
        if len(set(names.values())) == len(places):
            return names
    return {id_: id_ for id_ in places}


def _parts(id_: str, pointer: str) -> tuple[str, str, str] | None:
    """Return the last word of the path, the method, and what tells two media types of one operation apart."""
    match pointer.split("/"):
        case ["", "paths", path, method, *_] if method in METHODS:
            words = [word for word in path.replace("~1", "/").split("/") if word and not word.startswith("{")]
            return (words[-1].replace("~0", "~"), method, "".join(id_.partition("+")[1:])) if words else None
        case _:
            return None


def _word(word: str, method: str, media_type: str) -> str:
    del method
    return f"{word}{media_type}"


def _word_and_method(word: str, method: str, media_type: str) -> str:
    return f"{method} {word}{media_type}"

"""Mends: small named changes to the client generator's own templates, made at generation time.

A mend names the few places of the installed templates that it changes, each by its text. If that text does not occur
exactly as often as expected, the generator has changed there, and the generation fails until someone has looked:
perhaps the defect is gone and the mend can go too.
"""

from collections.abc import Iterable
from pathlib import Path

from attrs import field, frozen


class MendError(Exception):
    """A mend does not fit the installed generator."""


@frozen
class Edit:
    """A place in a template: ``find`` occurs exactly ``times`` times and becomes ``replace``."""

    template: str
    find: str
    replace: str
    times: int = 1


@frozen
class Mend:
    """A defect of the generator and how it is mended; ``upstream`` is the generator's issue, or "none known"."""

    name: str
    reason: str
    upstream: str
    edits: tuple[Edit, ...] = field(converter=tuple[Edit, ...])


def mended(templates: Path, mends: Iterable[Mend]) -> dict[str, str]:
    """Return the text of each template in the folder ``templates`` that the mends change.

    Raises MendError if a place is not there, or not as often as expected.
    """
    texts: dict[str, str] = {}
    for mend in mends:
        for edit in mend.edits:
            texts[edit.template] = _edited(texts.get(edit.template), templates, mend, edit)
    return texts


def _edited(text: str | None, templates: Path, mend: Mend, edit: Edit) -> str:
    original = templates / edit.template
    if text is None:
        if not original.is_file():
            message = f"the mend {mend.name!r} no longer applies: the generator has no template {edit.template}"
            raise MendError(message)
        text = original.read_text(encoding="utf-8")
    found = text.count(edit.find)
    if found != edit.times:
        message = (
            f"the mend {mend.name!r} no longer applies: {edit.template} holds {edit.find!r} "
            f"{found} times instead of {edit.times}"
        )
        raise MendError(message)
    return text.replace(edit.find, edit.replace)

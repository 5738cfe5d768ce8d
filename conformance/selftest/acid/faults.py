"""The faults that the greenhouse's server can have.

The checks themselves know of no fault. A lie about what is asked is told by *bending* the fields before they are
checked: what should be refused is bent into what is allowed, or the reverse. The other three lies are told where the
server asks for the key, reads the body and answers.
"""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple, TypeAlias

from conformance.selftest.acid.checks import DRY, DRY_ROWS, LABELS, PLOTS, ROWS, Fields, whole


class Fault(NamedTuple):
    """A lie in words, and patterns of the rules that must name it."""

    lie: str
    rules: tuple[str, ...]


ANY_KEY: Final = "any-key"
BODY_GUESSED: Final = "body-guessed"
PLOT_UNDATED: Final = "plot-undated"

FAULTS: Final[Mapping[str, Fault]] = {
    "climate-any-case": Fault("The climate may be written in capitals.", ("sowBed/climate/enum",)),
    "soil-not-null": Fault("A soil of null is refused.", ("sowBed/soil/nullable",)),
    "gardener-anonymous": Fault("A gardener without a name is taken.", ("sowBed/gardener/name/required",)),
    "arid-crowded": Fault("In an arid climate as many rows are taken as in others.", ("sowBed/rows/maximum@arid",)),
    "labels-repeated": Fault("A label may stand twice in the list.", ("sowBed/labels/uniqueItems",)),
    "bed-demanded": Fault("A sowing without a bed is refused.", ("sowBed/bed/optional",)),
    "limit-51": Fault("A limit of 51 is taken, and means 50.", ("listPlots/limit/maximum",)),
    ANY_KEY: Fault("Whoever has any key may sow.", ("sowBed/security",)),
    BODY_GUESSED: Fault("A body that can't be read is taken for an order of basil.", ("sowBed/body/malformed",)),
    PLOT_UNDATED: Fault(
        "The plots of a sowing lack the day on which they are due.", ("sowBed/response/plots/items/due/required",)
    ),
}


def bend(fields: Fields, faults: frozenset[str]) -> Fields:
    """Return the fields as a server with these faults understands them; without a fault they stay as they are."""
    for name, bent in _BENT.items():
        if name in faults:
            fields = {**fields, **bent(fields)}
    return fields


_Bent: TypeAlias = "Callable[[Fields], Fields]"


def _any_case(fields: Fields) -> Fields:
    climate = fields.get("climate")
    return {"climate": climate.lower()} if isinstance(climate, str) else {}


def _null_as_text(fields: Fields) -> Fields:
    return {"soil": "null"} if "soil" in fields and fields["soil"] is None else {}


def _anyone(fields: Fields) -> Fields:
    gardener = fields.get("gardener")
    return {"gardener": {"name": "Anyone", **gardener}} if isinstance(gardener, dict) else {}


def _as_many_rows(fields: Fields) -> Fields:
    rows = whole(fields.get("rows"))
    return {"rows": DRY_ROWS} if fields.get("climate") == DRY and rows in range(DRY_ROWS, ROWS + 1) else {}


def _each_label_once(fields: Fields) -> Fields:
    labels = fields.get("labels")
    # Six labels stay too many, so that this is a lie about one rule.
    if not isinstance(labels, list) or len(labels) > LABELS:
        return {}
    return {"labels": [label for index, label in enumerate(labels) if label not in labels[:index]]}


def _no_bed(fields: Fields) -> Fields:
    return {} if "bed" in fields else {"bed": ""}


def _one_plot_more(fields: Fields) -> Fields:
    return {"limit": str(PLOTS)} if fields.get("limit") == str(PLOTS + 1) else {}


_BENT: Final[Mapping[str, _Bent]] = {
    "climate-any-case": _any_case,
    "soil-not-null": _null_as_text,
    "gardener-anonymous": _anyone,
    "arid-crowded": _as_many_rows,
    "labels-repeated": _each_label_once,
    "bed-demanded": _no_bed,
    "limit-51": _one_plot_more,
}

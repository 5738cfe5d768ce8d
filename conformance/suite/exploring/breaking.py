"""Chooses invalid requests: what the planned part found refused beside every other field, beside as few as can be.

Some servers look at a field only if another one is given. Such a request costs nothing where it is refused, and the
request without the wrong value was accepted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from random import Random

from conformance.suite.contract.constraints import violated
from conformance.suite.contract.places import ABSENT, Fields, with_fields
from conformance.suite.exchange.recording import Exchange
from conformance.suite.exchange.request import Raw, Request
from conformance.suite.exploring.settling import Known


def alone(known: Known, made: Iterable[Exchange], random: Random) -> Iterator[Fields]:
    """Yield a wrong value for each field in the shortest accepted request that takes no other harm from it."""
    plain = [one for one in made if one.request.raw == Raw()]
    sent = {one.request.key for one in plain}
    accepted = [one.request for one in plain if one.valid and one.accepted]
    accepted.sort(key=lambda request: (len(request.fields.keys() - {known.api.selector}), len(request.key)))
    hosts = [request.fields for request in accepted]
    wrong = [
        (rules, one.request.fields)
        for one in plain
        if not one.valid and one.refused and len(rules := violated(known.constraints, one.request.fields)) == 1
    ]
    random.shuffle(wrong)
    # What is wrong under a condition alone needs more beside it.
    wrong.sort(key=lambda pair: pair[0][0].condition is not None)
    broken: set[str] = set()
    for rules, fields in wrong:
        if not rules[0].place or rules[0].place[0] in broken:
            continue
        name = rules[0].place[0]
        edited = (with_fields(host, {name: fields.get(name, ABSENT)}) for host in hosts)
        found = next((one for one in edited if violated(known.constraints, one) == rules), None)
        if found is None or Request(known.operation.id, found).key in sent or not known.usable(found, valid=False):
            continue
        broken.add(name)
        yield found

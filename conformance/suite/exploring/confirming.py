"""Sends again what would be held against the server, so that only what comes out wrong each time is.

A rule that was seen broken names, in its verdict, the exchanges of which one has to be sent again to be sure. One does
for many rules, and for some it needs several rounds: what is answered rightly the second time leaves the next one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from attrs import evolve

from conformance.suite.exchange.recording import Exchange, Recording
from conformance.suite.plan.prepared import Prepared
from conformance.suite.rules.rule import Level
from conformance.suite.sending.sender import Sender
from conformance.suite.verdicts.evidence import Evidence, Views, in_order
from conformance.suite.verdicts.judge import verdicts
from conformance.suite.verdicts.verdict import Verdict


async def confirm(
    prepared: Prepared, made: Recording, sender: Sender, on_exchange: Callable[[Exchange], None], views: Views
) -> tuple[Recording, tuple[Verdict, ...]]:
    """Send again what verdicts are in doubt about; returns the recording in which it stands as sent last, judged.

    ``views`` holds those of an earlier state of the recording, and gets what is new.
    """
    exchanges = dict(made.exchanges)
    places = asyncio.Semaphore(sender.settings.limits.concurrency)
    spent: set[str] = set()

    async def again(id_: str) -> None:
        async with places:
            sent = await sender.again(exchanges[id_])
        if sent is exchanges[id_]:
            spent.add(id_)
        else:
            exchanges[id_] = sent
            on_exchange(sent)

    while True:
        recording = in_order(evolve(made, exchanges=dict(exchanges), interrupted=sender.ending.interrupted))
        judged = verdicts(Evidence(prepared.plan, recording, prepared.api.selector, views), prepared.rules)
        due = _due(judged, spent)
        if not due or sender.ending.why:
            return recording, judged
        async with asyncio.TaskGroup() as group:
            for id_ in due:
                group.create_task(again(id_))


def _due(judged: Iterable[Verdict], spent: set[str]) -> list[str]:
    """Choose one exchange for each rule in doubt, the same one for many if it can be, and none that can't be sent.

    Those of core rules come first, for the budget may not do for all.
    """
    chosen: list[str] = []
    for verdict in sorted(judged, key=lambda verdict: list(Level).index(verdict.rule.level)):
        candidates = [id_ for id_ in verdict.doubtful if id_ not in spent]
        if candidates and not any(id_ in chosen for id_ in candidates):
            chosen.append(candidates[0])
    return chosen

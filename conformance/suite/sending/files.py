"""Fetches the files to which answers point, each once, without the key and without the user's headers.

What the way there does says nothing of a URL, so a file is asked for again where the connection was lost, and where the
server puts it off as it may any request. One that came after the server had failed says so.
"""

from __future__ import annotations

import asyncio
import time
from asyncio import sleep
from collections.abc import Iterable

import httpx
from attrs import define, field

from conformance.suite.exchange.recording import AT_FIRST, OUT_OF_REACH, TIMED_OUT, Answer, Fetch
from conformance.suite.sending.pace import MAX_WAITED, PUT_OFF, asked_to_wait
from conformance.suite.sending.transfer import LOST, Transfer
from conformance.suite.settings import Settings

USER_AGENT = "openai-images-conformance"
_MOST = 10
"""Files of one answer that are fetched."""
_TRIES = 5
"""How often a file is asked for whose connection is lost each time; that costs no image."""
_LATE = 5
"""After so many files in a row that did not come in time no more are fetched; each costs as long as an exchange."""
_REDIRECTS = 5
_SERVER_ERROR = 500


@define
class Files:
    """The files that were fetched so far, by URL."""

    settings: Settings
    client: httpx.AsyncClient
    _fetched: dict[str, asyncio.Task[Fetch]] = field(factory=dict[str, "asyncio.Task[Fetch]"], init=False)
    _late: int = field(default=0, init=False)
    _waited: float = field(default=0.0, init=False)

    async def of(self, urls: Iterable[str]) -> tuple[Fetch, ...]:
        """Fetch the URLs of one answer, which together may take as long as an exchange."""
        ends = time.monotonic() + self.settings.limits.seconds
        return tuple([await self._once(url, ends) for url in list(dict.fromkeys(urls))[:_MOST]])

    def forget(self, fetches: Iterable[Fetch]) -> None:
        """Have these URLs fetched again if another answer has them."""
        for fetch in fetches:
            self._fetched.pop(fetch.url, None)
            self._late = 0

    async def _once(self, url: str, ends: float) -> Fetch:
        if url not in self._fetched:
            self._fetched[url] = asyncio.create_task(self._fetch(url, ends))
        return await self._fetched[url]

    async def _fetch(self, url: str, ends: float) -> Fetch:
        seconds = self.settings.limits.seconds
        if self._late >= _LATE:
            return Fetch(url, None, f"{OUT_OF_REACH}: the {_LATE} files before it did not come in time")
        left = ends - time.monotonic()
        answer, failure = await self._tried(url, ends)
        late = failure.startswith(TIMED_OUT)
        if late and left < seconds / 2:
            # What came before it took the time, so this says nothing of the URL.
            return Fetch(url, None, f"{OUT_OF_REACH}: the {seconds:g} s for the files of one answer were over")
        self._late = self._late + 1 if late else 0
        return Fetch(url, answer, failure or None)

    async def _tried(self, url: str, ends: float) -> tuple[Answer | None, str]:
        """Return the answer to a GET of a URL, the last one if there were several, or None and why there is none."""
        headers = {"user-agent": USER_AGENT, "accept": "image/*,*/*"}
        transfer = Transfer(self.settings, self.client)
        answer, failure, failed = None, "", 0
        for attempt in range(_TRIES):
            answer, failure = await transfer.fetch(url, headers, ends - time.monotonic(), _REDIRECTS)
            if answer is None and failure.startswith(LOST):
                continue
            if answer is not None and answer.status in PUT_OFF:
                if attempt < self.settings.limits.attempts - 1 and await self._waits(answer, attempt, ends):
                    continue
                return None, f"{OUT_OF_REACH}: it was put off with status {answer.status}"
            if answer is not None and answer.status >= _SERVER_ERROR and not failed:
                failed = answer.status
                continue
            break
        if failed and answer is not None and answer.status < _SERVER_ERROR:
            failure = f"{AT_FIRST} {failed}"
        return answer, failure

    async def _waits(self, answer: Answer, attempt: int, ends: float) -> bool:
        """Wait as long as the server asks for, and return True, unless that is too long."""
        wait = asked_to_wait(answer, attempt, time.time())
        if wait >= ends - time.monotonic() or self._waited >= MAX_WAITED:
            return False
        self._waited += wait
        await sleep(wait)
        return True

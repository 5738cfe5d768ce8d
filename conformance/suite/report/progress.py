"""How far a run is: a bar on a terminal, anywhere else a line every so many seconds.

How long the rest takes is reckoned from what is planned: the time that an image took so far for each image to come, and
the time that a refusal took for each of them, for a server that takes minutes for an image refuses in no time. As long
as no refusal came, or while requests are sent again, of which nobody knows how many there will be, it is a lower bound.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager

from attrs import define, field, frozen
from rich.console import Console, RenderableType
from rich.constrain import Constrain
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeElapsedColumn
from rich.text import Text

from conformance.suite.exchange.recording import Exchange
from conformance.suite.exchange.words import count
from conformance.suite.forecast import Forecast
from conformance.suite.plan.prepared import Prepared
from conformance.suite.report.names import short_names

_MINUTE, _HOUR = 60, 3600
_LONG = 1.5
"""From so many minutes on, or hours, a time is told in them."""
_ECHO = 4
_WIDE, _NARROW = 68, 48
"""Cells of a terminal from which on the time that passed is shown, and the operation."""


@frozen
class Ahead:
    """What a run has before it, if the server is correct.

    ``requests`` are all; ``work`` is how many images they ask for, one of a valid request that asks for none, and
    ``refusals`` are those to be refused. ``deadline`` is after how many seconds nothing more is sent.
    """

    requests: int
    images: int
    work: int
    refusals: int
    deadline: float | None = None


def ahead(prepared: Prepared, made: Forecast, deadline: float | None) -> Ahead:
    """Return what a forecast comes to; as to random requests, at most."""
    work = sum(worth(prepared, exchange) for exchange in made.sent if exchange.valid)
    refusals = sum(not exchange.valid for exchange in made.sent)
    return Ahead(
        requests=len(made.sent) + made.random,
        images=made.images + made.random_images,
        work=work + made.random_images,
        refusals=refusals + made.random - made.random_images,
        deadline=deadline,
    )


def worth(prepared: Prepared, exchange: Exchange) -> int:
    """Return how much of the work a valid exchange is: its images, or one."""
    operation = prepared.contract.operations[exchange.request.operation]
    return max(1, prepared.api.cost(operation, exchange.request.fields).images)


@define
class Pace:
    """How long something takes: ``seconds`` for so many that were ``timed``, and so many of ``planned`` are done."""

    planned: int
    done: int = 0
    timed: int = 0
    seconds: float = 0.0

    @property
    def left(self) -> float:
        """Seconds that the rest takes, as far as can be told."""
        return max(0, self.planned - self.done) * self.seconds / self.timed if self.timed else 0.0


@define
class Bar:
    """How far a run is; call it with each exchange.

    ``images`` says how many images an exchange brought, ``worth`` how much of the work it is.
    """

    ahead: Ahead
    images: Callable[[Exchange], int]
    worth: Callable[[Exchange], int]
    clock: Callable[[], float] = time.monotonic
    operation: str = field(default="", init=False)
    requests: int = field(default=0, init=False)
    _made: int = field(default=0, init=False)
    _again: int = field(default=0, init=False)
    _sends_again: bool = field(default=False, init=False)
    _valid: Pace = field(init=False)
    _refused: Pace = field(init=False)
    _began: float = field(init=False)
    _last: float = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Start the clock."""
        self._valid, self._refused = Pace(self.ahead.work), Pace(self.ahead.refusals)
        self._began = self._last = self.clock()

    def __call__(self, exchange: Exchange) -> None:
        """Move on by one exchange, if it was sent."""
        if not exchange.sent:
            return
        now = self.clock()
        pace = self._valid if exchange.valid else self._refused
        self._sends_again = exchange.before is not None
        self.operation = exchange.request.operation
        self.requests += 1
        self._made += self.images(exchange)
        self._again += self._sends_again
        done = 0 if self._sends_again else self.worth(exchange) if exchange.valid else 1
        pace.done += done
        if exchange.seconds <= now - self._began:  # else an earlier run sent it, which says nothing of this one
            pace.timed += done
            pace.seconds += now - self._last
        self._last = now

    @property
    def total(self) -> int:
        """How many requests there will be; a server that is not correct may get more."""
        return max(self.ahead.requests + self._again, self.requests)

    @property
    def sent(self) -> str:
        """How many of the requests were sent."""
        return f"{self.requests}/{self.total}"

    @property
    def made(self) -> str:
        """How many images came."""
        return count(self._made, "image")

    @property
    def passed(self) -> float:
        """Seconds since the start."""
        return self.clock() - self._began

    def left(self) -> tuple[float, bool] | None:
        """Return the seconds that the rest takes, and whether it may take longer; None if nothing can be said."""
        if not self.requests or self.requests >= self.total:
            return None
        rest = max(0.0, self._valid.left + self._refused.left - (self.clock() - self._last))
        until = None if self.ahead.deadline is None else max(0.0, self.ahead.deadline - self.passed)
        if until is not None and until <= rest:
            return until, False
        unknown = any(pace.planned > pace.done and not pace.timed for pace in (self._valid, self._refused))
        return rest, unknown or self._sends_again

    def share(self) -> float:
        """Return how much of the time has passed, from 0 to 1, or else how many of the requests were sent."""
        left = self.left()
        return self.passed / (self.passed + left[0]) if left and self.passed else self.requests / max(1, self.total)

    def words(self) -> str:
        """Say on one line how far the run is, and how long the rest takes if it goes on like this."""
        left = self.left()
        rest = f", {'at least' if left[1] else 'about'} {duration(left[0])} left" if left else ""
        return f"{self.requests} of {count(self.total, 'request')}, {self.made} so far, {duration(self.passed)}{rest}"


def duration(seconds: float) -> str:
    """Say how long something takes, in a unit that suits."""
    if seconds < _LONG * _MINUTE:
        return f"{seconds:.0f} s"
    return f"{seconds / _MINUTE:.0f} min" if seconds < _LONG * _HOUR else f"{seconds / _HOUR:.1f} h"


class _Left(ProgressColumn):
    """How long the rest takes."""

    def __init__(self, bar: Bar) -> None:
        super().__init__()
        self._bar = bar

    def render(self, task: Task) -> Text:
        del task
        left = self._bar.left()
        return Text(f"{'>' if left[1] else ''}{duration(left[0])} left" if left else "", "cyan")


class _Progress(Progress):
    """A bar that leaves room for the ``^C`` that a terminal shows, so that it is not pushed to the next line."""

    def __init__(self, *columns: ProgressColumn, console: Console) -> None:
        self._screen = console
        super().__init__(*columns, console=console, transient=True, expand=True)

    def get_renderable(self) -> RenderableType:
        return Constrain(super().get_renderable(), self._screen.width - _ECHO)


@contextmanager
def bar(
    console: Console, prepared: Prepared, before: Ahead, images: Callable[[Exchange], int], seconds: float = 10.0
) -> Generator[Callable[[Exchange], None]]:
    """Show how far a run is while requests are sent; yields what is called with each exchange.

    Where the console is no terminal, a line says it every so many ``seconds``.
    """
    shown = Bar(before, images, lambda exchange: worth(prepared, exchange))
    if console.is_terminal and not console.is_dumb_terminal:
        names = short_names({id_: [operation.pointer] for id_, operation in prepared.contract.operations.items()})
        with _live(console, shown, names) as tell:
            yield tell
    else:
        with _lines(console, shown, seconds):
            yield shown


@contextmanager
def _live(console: Console, shown: Bar, names: dict[str, str]) -> Generator[Callable[[Exchange], None]]:
    wide, narrow = console.width >= _WIDE, console.width < _NARROW
    columns = (
        *(() if narrow else (TextColumn(f"{{task.description:<{max(map(len, names.values()), default=0)}}}"),)),
        BarColumn(bar_width=None),
        TextColumn("{task.fields[sent]}"),
        TextColumn("{task.fields[made]}"),
        *((TimeElapsedColumn(),) if wide else ()),
        _Left(shown),
    )
    with _Progress(*columns, console=console) as progress:
        task = progress.add_task("", total=1.0, sent=shown.sent, made=shown.made)

        def tell(exchange: Exchange) -> None:
            shown(exchange)
            name = names.get(shown.operation, shown.operation)
            progress.update(task, completed=shown.share(), description=name, sent=shown.sent, made=shown.made)

        yield tell


@contextmanager
def _lines(console: Console, shown: Bar, seconds: float) -> Generator[None]:
    ended = threading.Event()

    def tell() -> None:
        while not ended.wait(seconds):
            console.print(Text(shown.words()), soft_wrap=True)

    teller = threading.Thread(target=tell, daemon=True)
    teller.start()
    try:
        yield
    finally:
        ended.set()
        teller.join()

"""Bounds what a server can be made to produce: what it made, and the worst case of what is on its way."""

from __future__ import annotations

from attrs import define, field


@define
class Budget:
    """At most ``limit`` images, or any number if that is None; ``spent`` are those that were made or may have been.

    An invalid request is charged too, for a server that doesn't refuse it makes images of it; but no longer where the
    operation is known to refuse such requests.
    """

    limit: int | None
    spent: int = 0
    _refuses: dict[str, bool] = field(factory=dict[str, bool], init=False)

    def charge(self, operation: str, worst: int, *, valid: bool, reserve: int = 0) -> int | None:
        """Charge the worst case of a request before it is sent; returns what was charged, or None if that is too much.

        ``reserve`` is how many images of the limit are kept for something else.
        """
        due = 0 if not valid and self._refuses.get(operation) else worst
        if due and self.limit is not None and self.spent + due > self.limit - reserve:
            return None
        self.spent += due
        return due

    def settle(self, operation: str, charged: int, made: int, *, valid: bool, refused: bool) -> None:
        """Put in the place of what was charged what was made, once the answer is there."""
        self.spent += made - charged
        if not valid and (refused or made):
            self._refuses[operation] = refused and self._refuses.get(operation, True)

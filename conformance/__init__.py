"""Checks any server against the documented rules of the OpenAI Images endpoints.

The parts: ``suite`` plans requests, sends them and judges the answers; ``reference`` is a correct server, and ``mock``
makes an offline mock of it; ``mutants`` are the reference with one fault each; ``selftest`` holds the project's own
tests. All of them read one contract.
"""

from pathlib import Path

__all__ = ["CONTRACT"]

_PACKAGE = Path(__file__).parent

CONTRACT: Path = next(path for path in (_PACKAGE / "openapi.yaml", _PACKAGE.parent / "openapi.yaml") if path.exists())
"""The contract: beside the package in an installed wheel, at the top of the repository in a checkout."""

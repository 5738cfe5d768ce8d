"""Where Hypothesis keeps its files: in the user's folder of caches, and not in the one that the suite is run in.

It keeps what it reads off modules and the Unicode tables, which saves a second or two of the next run from a checkout;
nothing of a server under test is among them. Where they can't be written it does without.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_NAME: Final = "openai-images-conformance"


@contextmanager
def out_of_the_way() -> Generator[None]:
    """Have Hypothesis keep its files in the folder of caches until the block ends.

    Afterwards they go where they went before: a user of the plugin may have tests of their own that Hypothesis runs.
    """
    from hypothesis.configuration import (  # noqa: PLC0415 - it takes long to import, and few need it
        set_hypothesis_home_dir,
        storage_directory,
    )

    before = storage_directory(intent_to_write=False).home_directory
    set_hypothesis_home_dir(folder())
    try:
        yield
    finally:
        set_hypothesis_home_dir(before)


def folder() -> Path:
    """Return this tool's folder of caches, in ``$XDG_CACHE_HOME`` or ``~/.cache``, or a passing one without a home."""
    found = Path(os.path.expanduser(os.environ.get("XDG_CACHE_HOME") or "~/.cache"))  # noqa: PTH111 - it never raises
    return (found if found.is_absolute() else Path(tempfile.gettempdir())) / _NAME

"""A pytest plugin with the fixture ``images_mock``: a mock in process, started once and empty for every test.

Each run of pytest imports this module, whether or not a test uses the fixture. So it imports no more than pytest until
one does.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conformance.mock.running import ImagesMock


@pytest.fixture(scope="session")
def images_mock_session() -> Iterator[ImagesMock]:
    """Run the mock as long as there are tests; it is not emptied between them."""
    with start() as mock:
        yield mock


@pytest.fixture
def images_mock(images_mock_session: ImagesMock) -> ImagesMock:
    """Return the running mock, which knows of no request and no fault yet."""
    images_mock_session.clear()
    return images_mock_session


def start() -> AbstractContextManager[ImagesMock]:
    """Make a mock that runs while it is entered; fails the test with a sentence where a package is missing."""
    try:
        from conformance.mock.running import running  # noqa: PLC0415 - the module says why
    except ModuleNotFoundError as error:
        message = f"images_mock needs {error.name}: pip install 'openai-images-conformance[mock]'."
        raise pytest.fail.Exception(message, pytrace=False) from None
    return running()

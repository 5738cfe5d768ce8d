"""The pytest plugin without the packages that it needs; docs/mock.md has its examples, which are run."""

import sys

import pytest

from conformance.mock import fixture


def test_a_missing_package_is_told_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith(("conformance.mock.", "uvicorn"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    with pytest.raises(pytest.fail.Exception) as caught:
        fixture.start()
    assert str(caught.value) == "images_mock needs uvicorn: pip install 'openai-images-conformance[mock]'."

"""What is installed: the version of this distribution, and whether it came with the extra that the servers need."""

from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed
from importlib.util import find_spec
from typing import Final

NAME: Final = "openai-images-conformance"
NEEDED: Final = ("jsonschema", "python_multipart", "starlette", "uvicorn")
"""The modules of the extra ``mock`` without which neither the reference server nor the mock starts."""


def version() -> str:
    """Return the version, or ``unknown`` in a checkout that was never installed."""
    try:
        return installed(NAME)
    except PackageNotFoundError:
        return "unknown"


def lacking() -> str:
    """Say what to install before a server can be started from here, nothing if all is there."""
    absent = [name for name in NEEDED if find_spec(name) is None]
    return f"needs {', '.join(absent)}; run pip install '{NAME}[mock]'" if absent else ""

"""Writes what makes a distribution of the client: ``generated/pyproject.toml`` and the files that it names.

Whoever installs the client gets what its modules import and nothing of the suite. What both distributions share, such
as the version, is read from the project's own ``pyproject.toml``, so that it is written down once. The licence and the
page that PyPI shows are copies, because a build takes them from its own folder alone. The helpers that surround the
client are written by hand, in ``client/``; the build takes them from there (``HOOK``).
"""

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from attrs import frozen

NAME: Final = "openai-images-client"
HELPERS: Final = "openai_images_helpers"
FILE: Final = "pyproject.toml"
HOOK: Final = "hatch_build.py"
COPIES: Final[Mapping[str, str]] = {"LICENSE": "LICENSE", "README.md": "client/README.md"}
"""The files in ``generated/`` that are copies, and of what in the project."""

_REASONS: Final[Mapping[str, str]] = {
    "attrs": "the classes of the models and of the client itself",
    "httpx": "sends the requests, blocking or asynchronously",
}
"""What the client imports, and why."""

_EXTRAS: Final[Mapping[str, tuple[str, str]]] = {
    "aiohttp": ("httpx-aiohttp", "httpx on the transport of aiohttp, for many asynchronous calls at once"),
    "retries": ("httpx-retries", "the transport that repeats what failed for the moment"),
}
"""What may be installed beside it: the extra, the distribution that it brings, and why."""

_KEYWORDS: Final = ("openai", "images", "dall-e", "image-generation", "api-client", "httpx")

_CLASSIFIERS: Final = (
    "Development Status :: 4 - Beta",
    "Framework :: AsyncIO",
    "Intended Audience :: Developers",
    "Operating System :: OS Independent",
    "Programming Language :: Python :: 3",
    "Programming Language :: Python :: 3 :: Only",
    "Programming Language :: Python :: 3.11",
    "Programming Language :: Python :: 3.12",
    "Programming Language :: Python :: 3.13",
    "Topic :: Internet :: WWW/HTTP",
    "Topic :: Multimedia :: Graphics",
    "Typing :: Typed",
)

_HOOK_CODE: Final = f'''"""Builds {HELPERS} in, which lies beside this folder, or in it if this is an sdist."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Helpers(BuildHookInterface[Any]):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        beside = Path(self.root).parent / "client" / "{HELPERS}"
        # An editable installation puts the folder itself on the path: dev-mode-dirs in {FILE}.
        if version != "editable" and beside.is_dir():
            build_data["force_include"][str(beside)] = "{HELPERS}"
'''


class ProjectError(Exception):
    """The project's own file lacks what the client's is made of; the message says what."""


@frozen
class Shared:
    """What both distributions have in common."""

    version: str
    license: str
    requires_python: str
    build_requires: tuple[str, ...]
    dependencies: Mapping[str, str]
    extras: Mapping[str, str]
    """The requirement of each extra."""

    def render(self, package: str) -> str:
        """Write the file of the client whose modules are in ``package``."""
        dependencies = _column((f'"{self.dependencies[name]}",', reason) for name, reason in _REASONS.items())
        extras = _column((f'{name} = ["{self.extras[name]}"]', reason) for name, (_, reason) in _EXTRAS.items())
        return (
            "# Made with the client by scripts/generate_client.py; never edited.\n"
            "[project]\n"
            f'name = "{NAME}"\n'
            f'version = "{self.version}"\n'
            'description = "A typed client of the OpenAI Images endpoints, made from their contract."\n'
            'readme = "README.md"\n'
            f'license = "{self.license}"\n'
            'license-files = ["LICENSE"]\n'
            f'requires-python = "{self.requires_python}"\n'
            f"keywords = [{_quoted(_KEYWORDS)}]\n"
            f"classifiers = [\n{''.join(f'  {_quoted([line])},{chr(10)}' for line in _CLASSIFIERS)}]\n"
            f"dependencies = [\n{''.join(f'  {line}' for line in dependencies)}]\n"
            "\n"
            "[project.optional-dependencies]\n"
            f"{''.join(extras)}"
            "\n"
            "[build-system]\n"
            f"requires = [{_quoted(self.build_requires)}]\n"
            'build-backend = "hatchling.build"\n'
            "\n"
            f"[tool.hatch.build.hooks.custom] # {HOOK}\n"
            "\n"
            "[tool.hatch.build.targets.wheel]\n"
            f"packages = [{_quoted([package, HELPERS])}]\n"
            'dev-mode-dirs = [".", "../client"]\n'
        )


def files(root: Path, package: str) -> dict[str, bytes]:
    """Make the files beside the client whose modules are in ``package``, by name.

    Raises ProjectError if the project's own file lacks something, or OSError.
    """
    written = {FILE: read_shared(root / FILE).render(package), HOOK: _HOOK_CODE}
    copied = {name: (root / source).read_bytes() for name, source in COPIES.items()}
    return {name: text.encode() for name, text in written.items()} | copied


def read_shared(path: Path) -> Shared:
    """Read what both share from the project's own file; raises ProjectError if it lacks something, or OSError."""
    try:
        document: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        project = document["project"]
        tested = document["dependency-groups"]["dev"]
        return Shared(
            version=project["version"],
            license=project["license"],
            requires_python=project["requires-python"],
            build_requires=tuple(document["build-system"]["requires"]),
            dependencies={name: _requirement(project["dependencies"], name) for name in _REASONS},
            extras={extra: _requirement(tested, name) for extra, (name, _) in _EXTRAS.items()},
        )
    except (tomllib.TOMLDecodeError, KeyError) as error:
        message = f"{path.name} can't be read, or lacks {error}"
        raise ProjectError(message) from None


def _requirement(requirements: list[str], name: str) -> str:
    """Find what the project asks of a dependency: the client is tested with that and with nothing older."""
    found = next((requirement for requirement in requirements if requirement.startswith(f"{name}>=")), None)
    if found is None:
        raise KeyError(f"a dependency {name}>=...")
    return found


def _quoted(values: Iterable[str]) -> str:
    return ", ".join(f'"{value}"' for value in values)


def _column(lines: Iterable[tuple[str, str]]) -> list[str]:
    """Write each line with its reason behind it, the reasons below each other."""
    written = dict(lines)
    width = max(map(len, written))
    return [f"{line.ljust(width)} # {reason}\n" for line, reason in written.items()]

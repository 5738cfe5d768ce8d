"""Writes ``generated/pyproject.toml``, which makes a distribution of its own of the client.

Whoever installs the client gets what its modules import and nothing of the suite. What both distributions share, such
as the version, is read from the project's own ``pyproject.toml``, so that it is written down once.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from attrs import frozen

NAME: Final = "openai-images-client"
FILE: Final = "pyproject.toml"

_REASONS: Final[Mapping[str, str]] = {
    "attrs": "the classes of the models and of the client itself",
    "httpx": "sends the requests, blocking or asynchronously",
}
"""What the client imports, and why."""


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

    def render(self, package: str) -> str:
        """Write the file of the client whose modules are in ``package``."""
        written = {f'  "{self.dependencies[name]}",': reason for name, reason in _REASONS.items()}
        width = max(map(len, written))
        dependencies = [f"{requirement.ljust(width)} # {reason}\n" for requirement, reason in written.items()]
        build_requires = ", ".join(f'"{requirement}"' for requirement in self.build_requires)
        return (
            "# Made with the client by scripts/generate_client.py; never edited.\n"
            "[project]\n"
            f'name = "{NAME}"\n'
            f'version = "{self.version}"\n'
            'description = "A typed client of the OpenAI Images endpoints, made from their contract."\n'
            f'license = "{self.license}"\n'
            f'requires-python = "{self.requires_python}"\n'
            f"dependencies = [\n{''.join(dependencies)}]\n"
            "\n"
            "[build-system]\n"
            f"requires = [{build_requires}]\n"
            'build-backend = "hatchling.build"\n'
            "\n"
            "[tool.hatch.build.targets.wheel]\n"
            f'packages = ["{package}"]\n'
        )


def read_shared(path: Path) -> Shared:
    """Read what both share from the project's own file; raises ProjectError if it lacks something, or OSError."""
    try:
        document: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        project = document["project"]
        return Shared(
            version=project["version"],
            license=project["license"],
            requires_python=project["requires-python"],
            build_requires=tuple(document["build-system"]["requires"]),
            dependencies={name: _requirement(project["dependencies"], name) for name in _REASONS},
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

"""Builds openai_images_helpers in, which lies beside this folder, or in it if this is an sdist."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Helpers(BuildHookInterface[Any]):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        beside = Path(self.root).parent / "client" / "openai_images_helpers"
        # An editable installation puts the folder itself on the path: dev-mode-dirs in pyproject.toml.
        if version != "editable" and beside.is_dir():
            build_data["force_include"][str(beside)] = "openai_images_helpers"

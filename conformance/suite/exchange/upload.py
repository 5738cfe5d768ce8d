"""A file that is uploaded: a recipe from which the same bytes are made every time, and how the part is labelled.

A recipe rather than bytes travels through plan and recording, so that a recording stays small and says in words what
was sent. What recipes there are beside plain text is for whoever knows the API to say.
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from attrs import frozen


@runtime_checkable
class Content(Protocol):
    """The recipe of a file: a frozen attrs class, so that it can be written down by its name and fields."""

    def encode(self) -> bytes:
        """Return the file's bytes."""
        ...

    def words(self) -> str:
        """Describe the file in a few words."""
        ...


@frozen
class Text:
    """A text file."""

    text: str = "This is a text file.\n"

    def encode(self) -> bytes:
        """Return the file's bytes."""
        return self.text.encode()

    def words(self) -> str:
        """Describe the file in a few words."""
        return "a text file"


@frozen
class Upload:
    """A file part of a form: its content, and how the part is labelled."""

    content: Content
    filename: str = "file.txt"
    content_type: str = "text/plain"

    def encode(self) -> bytes:
        """Return the part's bytes."""
        return self.content.encode()

    def words(self) -> str:
        """Describe the part in a few words."""
        return self.content.words()

"""The defects of the client generator about files to upload, and how each is mended; see ``client_mends``."""

from scripts.mending import Edit, Mend

_FILE = "property_templates/file_property.py.jinja"
_TYPES = "types.py.jinja"

FILE_MENDS = (
    Mend(
        name="files survive from_dict",
        reason="to_dict gives a file as a tuple, which from_dict took for the bytes of the file.",
        upstream="#609",
        edits=[
            Edit(_FILE, "File(\n     payload = BytesIO({{ source }})\n)", "File.from_value({{ source }})"),
            Edit(_TYPES, "from http import HTTPStatus\n", "from http import HTTPStatus\nfrom io import BytesIO\n"),
            Edit(
                _TYPES,
                "from typing import BinaryIO, Generic, TypeVar, Literal, IO\n",
                "from typing import BinaryIO, Generic, TypeVar, Literal, IO, Self, cast\n",
            ),
            Edit(
                _TYPES,
                "    mime_type: str | None = None\n",
                "    mime_type: str | None = None\n"
                "\n"
                "    @classmethod\n"
                "    def from_value(cls, value: FileTypes | bytes) -> Self:\n"
                '        """The file that `to_tuple` has given, or a file that holds the bytes"""\n'
                "        if not isinstance(value, tuple):\n"
                "            return cls(payload=BytesIO(value))\n"
                "        return cls(payload=cast(BinaryIO, value[1]), file_name=value[0], mime_type=value[2])\n",
            ),
        ],
    ),
    Mend(
        name="files have names",
        reason="Without a file name in its part, servers take a file for a text field and refuse it.",
        upstream="#993",
        edits=[
            Edit(
                _FILE,
                "files.append(({{ name }}, {{ source }}.to_tuple()))",
                "files.append(({{ name }}, {{ source }}.to_part()))",
            ),
            Edit(
                _TYPES,
                "    def to_tuple(self) -> FileTypes:\n",
                "    def to_part(self) -> FileTypes:\n"
                '        """As `to_tuple`, with the file name "upload" if there is none, as a form needs one"""\n'
                "        return File(self.payload, self.file_name or 'upload', self.mime_type).to_tuple()\n"
                "\n"
                "    def to_tuple(self) -> FileTypes:\n",
            ),
        ],
    ),
    Mend(
        name="mime type in one line",
        reason="httpx escapes the names of a part but not its content type: a line break there adds part headers.",
        upstream="none known",
        edits=[
            Edit(
                _TYPES,
                "        return self.file_name, self.payload, self.mime_type\n",
                "        if self.mime_type is not None and not self.mime_type.isprintable():\n"
                '            raise ValueError("mime_type holds a character that would end its header")\n'
                "        return self.file_name, self.payload, self.mime_type\n",
            ),
        ],
    ),
)

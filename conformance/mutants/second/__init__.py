"""A second correct server, written apart from the reference: another framework, another form parser, another reader.

It keeps every documented rule of the three operations, and its author read the prose, not the reference: ``app`` is an
aiohttp application, ``bodies`` reads JSON and forms, ``fields`` holds the rules, ``png`` looks into files, ``drawing``
makes the images and ``shelf`` keeps those that have a URL. ``loopback`` runs it in a thread.

It imports nothing of this project, so that a misreading of the contract in the suite and the reference is not repeated
here. Where the documents leave a choice it takes the other one: a wrong field gets 422, a parameter that no document
names is refused, so is a text of nothing but blanks, null for ``model`` counts as absent, a megabyte has a million
bytes, no prompt is revised, each request is drawn anew, and answers are indented.
"""

from conformance.mutants.second.app import create_app
from conformance.mutants.second.loopback import serve

__all__ = ["create_app", "serve"]

"""All that the suite knows of the Images API beyond its contract, and nothing else.

``pictures`` are the files that it uploads, ``decoding`` looks at the images that a server sent, ``items`` finds them in
an answer, ``thumbnails`` makes them small. ``requests`` says what a request asks for and what the documents leave open,
``files`` and ``answers`` state the rules that rest on sentences, the latter by the functions in ``checks``, and
``hints`` says how servers mend what breaks them; ``renamed.toml`` keeps the ids that rules had before.
``IMAGES`` is all of it as the value with which the engine works; only what puts the two together imports this room.
"""

from pathlib import Path

from conformance.suite.images import answers, files, hints, pictures, requests, thumbnails
from conformance.suite.rules import renamed
from conformance.suite.rules.api import Api

__all__ = ["IMAGES"]

IMAGES = Api(
    selector=requests.MODEL,
    sized=requests.SIZE,
    statements=(*files.STATEMENTS, *answers.STATEMENTS),
    ledger=Path(__file__).with_name("ledger.toml"),
    cost=requests.cost,
    unit="pixels",
    undecided=requests.undecided,
    sample=files.sample,
    uploads=pictures.VARIED,
    contents=(pictures.Picture,),
    shown=requests.SHOWN,
    settle=requests.settle,
    listing="/models",
    listed=requests.listed,
    prefix="/v1",
    hints=hints.HINTS,
    links=answers.links,
    results=answers.results,
    seen=thumbnails.seen,
    renamed=renamed.read(Path(__file__).with_name("renamed.toml")),
    client="openai_images_client.api.images",
)

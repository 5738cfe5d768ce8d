"""The messages that the layers of the mock send beside those of ASGI; each layer hands on what it doesn't know."""

from typing import Final

RESET: Final = "mock.reset"
"""Closes the connection at once, with a TCP reset where the system allows it."""
CUT: Final = "mock.cut"
"""Closes the connection when what was sent so far is on its way."""
DECIDED: Final = "mock.decided"
"""Tells the ``status`` of an answer, None for none, before it is sent; nothing comes of it but that layers know."""

"""Talks to the server: the only room that does, with the random stage on top of it.

``transfer`` reads one answer under limits, ``sender`` makes one exchange, ``schedule`` those of a plan. ``redaction``
is the gate through which what came back passes on its way to a file or a screen.
"""

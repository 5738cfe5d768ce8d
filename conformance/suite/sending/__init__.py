"""Talks to the server: the only room that does, with the random stage on top of it.

``addresses`` says where a connection may lead, ``transfer`` reads one answer under limits, ``sender`` makes one
exchange, ``schedule`` those of a plan. ``redaction`` is the gate through which what came back passes on its way to a
file or a screen; ``secret`` says how one secret is found, ``disguises`` what it may hide in.
"""

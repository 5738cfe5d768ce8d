"""Talks to the server: the only room that does, with the random stage on top of it.

``redaction`` cuts secrets out of what came back, ``transfer`` reads one answer under limits, ``sender`` makes one
exchange, ``schedule`` those of a plan.
"""

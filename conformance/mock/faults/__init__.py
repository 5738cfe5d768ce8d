"""Faults on demand: answers that a correct server doesn't give, for the author of a client who must cope with them.

``answer`` is an answer that can be changed before it is sent, ``kinds`` the table of the faults, ``grammar`` reads what
was asked for, ``armed`` counts how often, and ``layer`` puts it between the server and whoever asks.
"""

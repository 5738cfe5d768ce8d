"""Talks to the server: the only room that does, with the random stage on top of it.

``discovery`` finds out how the server is to be called, ``addresses`` says where a connection may lead, ``transfer``
reads one answer under limits and ``body`` what is in it. ``sender`` makes one exchange within its ``budget`` and at its
``pace``, ``schedule`` those of a plan in the ``places`` that there are, until the ``ending`` for which ``signals`` may
ask; ``resuming`` takes a run up again, and ``imagined`` sends nothing. ``redaction`` is the gate through which what
came back passes on its way to a file or a screen; ``secret`` says how one secret is found, ``disguises`` what it may
hide in.
"""

"""Holds the suite against the bars: what it finds of the mutants, and whom it accuses of the correct servers.

``trial`` runs the suite against one server, ``bars`` says what must come of that, with the exceptions that
``survivors.toml`` gives a reason for, and ``matrix`` does it for all and sums up.
"""

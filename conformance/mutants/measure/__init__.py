"""Holds the suite against the bars: what it finds of the mutants, and whom it accuses of the correct servers.

``trial`` runs the suite against one server. ``fits`` says whether few enough rules count as being about a mutant's lie,
``bars`` what must come of a trial, and ``survivors`` what ``survivors.toml`` excuses. ``matrix`` does it for all and
sums up. The suite itself is imported by ``trial`` alone.
"""

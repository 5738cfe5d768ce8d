"""The reference server with one fault each, and correct servers that differ: what measures the suite.

A *mutant* tells one lie, and the suite must find it by a rule that is about that lie. A *benign* server is correct in a
way that differs from the reference, and the suite must not accuse it. ``contracts`` and ``replies`` make mutants by
walking the contract, the ``lies_*`` modules hold those that a person thought of, ``benign*`` the correct servers, of
which ``second`` shares no code with the reference; ``trial`` runs the suite against one of them and ``matrix`` holds
the outcome of all against the bars. ``python -m conformance.mutants`` does all of it.
"""

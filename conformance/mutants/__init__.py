"""The reference server with one fault each, and correct servers that differ: what measures the suite.

A *mutant* tells one lie, and the suite must find it by a rule that is about that lie. A *benign* server is correct in a
way that differs from the reference, and the suite must not accuse it. In the order of a measurement:

1. ``mutant`` says what a lie, a mutant and a correct server are.
2. ``lies/`` holds the lies that a person thought of, ``walks/`` makes those that a walk through the contract gives, and
   ``benign/`` holds the correct servers. One of them, ``second/``, shares no code with the reference.
3. ``catalogue`` has all of them by id.
4. ``measure/`` runs the suite against each and holds what it says against the bars.
5. ``python -m conformance.mutants`` prints the outcome.
"""

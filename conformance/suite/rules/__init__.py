"""What a server is held to: every rule as one record.

``rule`` is the record and all that it can be about. ``derived`` makes rules of schema keywords, ``protocol`` and
``answers`` state those that hold for any API, ``statement`` those that rest on a sentence, and ``api`` is the value
that holds what only the API at hand knows, its own statements among it. ``catalogue`` puts them together, ``ledger``
accounts for every keyword and clause of the contract. ``titles`` says in a few words what a rule asks for.
"""

"""The suite: plans requests, sends them, judges the answers and reports.

A fact travels through the rooms in this order, and none imports from one that comes after it:

1. ``contract/`` reads the contract, finds each keyword in it and knows the values at its edge.
2. ``exchange/`` holds one request and what came of it, as values and on disk.
3. ``rules/`` says what a server is held to, each rule as one record.
4. ``plan/`` chooses the requests that find out about the rules.
5. ``sending/`` makes them; with the random stage the only room that talks to the server.
6. ``verdicts/`` judges what came back.
7. ``exploring/`` sends random requests where the planned part left something to be found.
8. ``report/`` writes the record of a run and its views.

``images/`` stands beside them: all that is known of the Images API beyond its contract, as one value with which the
rooms work and which none of them imports. In front are ``settings`` and ``options``, what a user can set;
``variables``, the names that make is to be given; ``run``, one run from settings to verdicts; and ``command``, which
puts the engine and the Images API together.
"""

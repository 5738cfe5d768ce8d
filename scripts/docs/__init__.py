"""Makes the API reference from the contract: an index, and a page for each operation and each object that is answered.

``reading`` turns the contract and the suite's rules into pages (``page``), ``rendering`` those into files: Markdown in
``docs/api`` for readers of the repository, HTML in ``conformance/mock/site`` for the mock, which shows it to
browsers. ``rows`` and ``words`` make the tables, ``places`` finds the rules of each row, ``examples`` writes the
requests, ``fields`` the forms. No field is known here by name: what the contract gains shows by ``make docs`` alone.

Like the client, the pages are made here and committed. They join what the contract says with the rules of the suite,
which the mock may not import; so it is shipped with the finished pages and fills in its address, and needs for that
neither the suite nor a template engine.
"""

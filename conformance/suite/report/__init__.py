"""The report of a run: report.json is the record, and everything else is a view of it.

``record`` says of what the record consists and writes it, ``report`` builds it from what a run found out; ``groups``
finds the failures that one fault explains, and ``causes`` says in a sentence which. ``known`` reads which failures the
user expects, ``adopting`` writes such a file. ``curl`` writes a request as a command that a person can paste, ``again``
the command that makes the run again.

The views: ``pages`` with ``page`` makes the page and the badge, ``items`` one pytest item for each rule and from them
junit.xml, ``markdown`` a summary, ``compare`` and ``compare_views`` set reports side by side. What a person sees in the
terminal is told by ``start``, then ``progress``, and at the end ``terminal``, of ``table`` and ``findings``;
``planning`` and ``listing`` print the plan and the rules.
"""

"""The report of a run: report.json is the record, and everything else is a view of it.

``report`` builds and writes the record, ``known`` reads which failures the user expects. ``pages`` makes the page and
the badge, ``items`` one pytest item for each rule and from them junit.xml. ``curl`` writes a request as a command that
a person can paste. What a person sees in the terminal is told by ``start``, then ``progress``, and at the end
``terminal``, of ``table`` and ``findings``.
"""

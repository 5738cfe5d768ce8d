"""Measures the client, the mock and the suite beside others, and writes the figures into ``docs/performance.md``.

    python -m scripts.bench                  all sections, a quarter of an hour
    python -m scripts.bench --only suite     one section; what the document says of the others stays
    python -m scripts.bench --quick          a smoke test: one small round each, printed and not written

Ours and the other one take turns, so that whatever else the machine does slows them alike; a ratio is made of each
round, and its median and its spread are told. ``table`` makes the rows, ``page`` puts them into the document,
``processes`` starts and ends what is measured; each further module is a section or a program that a section starts.
"""

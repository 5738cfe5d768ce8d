"""Chooses the requests of a run, all of them before the first is sent.

``plan`` is the result as data. ``draft`` is an operation's part of it as it grows, ``contexts`` says how the operation
is entered, ``acceptance`` and ``refusals`` choose the valid and the invalid requests, ``packing`` says which valid ones
are one request, ``order`` which is sent first, and ``planner`` puts it together.
``prepared`` is all that a run knows before it sends anything.
"""

"""Servers that mean harm or have lost their way: whatever they do, a run ends in bounds and says something sensible.

``server`` serves bytes or a function on a raw socket, ``rows`` are the tables of such servers by subject, and
``test_hostile`` makes a small run against each.
"""

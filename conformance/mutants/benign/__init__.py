"""Correct servers, which the suite must not accuse: they differ where the documents leave freedom.

Each module has ``servers()``, which yields its servers, and ``serving`` starts them.
"""

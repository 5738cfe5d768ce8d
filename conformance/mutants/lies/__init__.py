"""Lies that a person thought of, after what servers get wrong in the field: one module for each subject.

Each module has ``lies()``, which returns its lies; a lie becomes one mutant for each operation that it concerns.
"""

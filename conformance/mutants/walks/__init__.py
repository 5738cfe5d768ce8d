"""Mutants made by walking the contract: ``contracts`` through its requests, ``replies`` through its answers."""

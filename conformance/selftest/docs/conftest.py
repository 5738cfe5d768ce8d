"""Lends the tests of this folder a server and a place to run examples at."""

from conformance.selftest.docs.examples import desk, url

__all__ = ["desk", "url"]

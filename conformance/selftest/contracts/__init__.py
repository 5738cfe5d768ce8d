"""Tests of the suite on contracts other than its own."""

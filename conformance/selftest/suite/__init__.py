"""Tests of the suite: each part alone, and whole runs against servers in the same process."""

"""Tests of the mutants and of the suite's power and precision."""

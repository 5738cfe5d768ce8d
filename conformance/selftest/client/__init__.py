"""Tests of the generated client and of the program that generates it; none of them uses the network."""

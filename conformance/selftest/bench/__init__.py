"""The benchmarks: how their figures become a table, and that what is quoted of them stands there."""

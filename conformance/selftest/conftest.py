"""How many processes ``-n auto`` spreads the tests over."""

import os


def pytest_xdist_auto_num_workers() -> int:
    """Return one more than there are cores: many tests wait, for a server that hangs or for a browser."""
    return (os.cpu_count() or 1) + 1

"""``python -m conformance``: one run from the command line."""

import sys

from conformance.suite.command import main

if __name__ == "__main__":
    sys.exit(main())

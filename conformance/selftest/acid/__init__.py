"""A contract whose names are all made up, a server that keeps it, and the same server with one fault each.

The suite's engine passes this acid test if it finds nothing wrong with the one and names the fault of every other.
"""

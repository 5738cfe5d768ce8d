"""The API reference: what its pages say, and that every example on them works as it is printed."""

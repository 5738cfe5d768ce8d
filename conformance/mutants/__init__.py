"""The reference server with one fault each: what the suite must find out."""

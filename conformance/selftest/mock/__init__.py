"""The mock: everything that it has beside the correct server in it."""

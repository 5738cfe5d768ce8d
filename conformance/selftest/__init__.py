"""The project's own tests: they import every part, and no part imports them."""

"""Error bounds, and how two numbers are judged."""

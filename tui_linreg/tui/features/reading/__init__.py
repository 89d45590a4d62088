"""Code, derivation and help."""

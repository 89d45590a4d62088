"""The terminal side: renders what the engine hands it and computes no gradient."""

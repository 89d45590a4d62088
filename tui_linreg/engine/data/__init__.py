"""Data: loading, CSV files, splitting, mini-batches."""

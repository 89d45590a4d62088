"""Starting another run."""

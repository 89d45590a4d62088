"""What a learner has done, kept in a file."""

"""What a learner is asked, and how answers are judged. Knows nothing of the terminal."""

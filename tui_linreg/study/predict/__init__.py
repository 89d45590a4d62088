"""Questions about the next phase, and how an answer is judged."""

"""What each chart draws."""

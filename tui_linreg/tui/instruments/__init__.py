"""What each instrument writes."""

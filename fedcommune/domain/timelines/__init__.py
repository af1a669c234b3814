"""What to read now."""

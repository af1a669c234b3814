"""What is said among few."""

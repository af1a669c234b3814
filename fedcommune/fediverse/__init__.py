"""What other servers read from us."""

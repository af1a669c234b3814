"""What somebody does not want to read, by its words."""

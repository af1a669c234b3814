"""What the commune looks up elsewhere by itself, in the background and within bounds."""

"""Like, boost, pin."""

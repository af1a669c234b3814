"""People who live here."""

"""People whom somebody reads apart from the others."""

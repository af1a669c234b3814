"""Events: announce, change and cancel them, take part, be reminded."""

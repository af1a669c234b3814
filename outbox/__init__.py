"""The publishing side: say it once, deliver until it arrives."""

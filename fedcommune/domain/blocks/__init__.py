"""Who keeps away from whom."""

"""Keeping the place pleasant."""

"""Actors: ours, and those of others."""

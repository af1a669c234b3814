"""Polls: who voted, how it stands, and how it ended."""

"""Associations, businesses, authorities and informal groups."""

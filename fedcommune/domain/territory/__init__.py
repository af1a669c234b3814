"""Communes, their codes, and where they are."""

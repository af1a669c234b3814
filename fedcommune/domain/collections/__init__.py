"""Whom people recommend, with the consent of each (FEP-7aa9)."""

"""The receiving side: authenticate, keep once, hand over."""

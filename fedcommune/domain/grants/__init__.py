"""Which application may do what, in whose name."""

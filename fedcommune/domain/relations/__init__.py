"""How one account stands to another, and what people keep about each other."""

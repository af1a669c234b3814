"""Other servers, and what we let through."""

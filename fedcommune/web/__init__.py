"""Pages for people with a browser; they work without JavaScript."""

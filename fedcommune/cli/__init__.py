"""What administrators type: everything a page can do, and more."""

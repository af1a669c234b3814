"""What the addresses in posts lead to, looked at once for all of them."""

"""What open posts say in other languages."""

"""What people build together."""

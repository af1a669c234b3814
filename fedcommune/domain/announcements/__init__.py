"""What the commune announces to everybody here, while it lasts."""

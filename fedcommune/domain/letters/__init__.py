"""Letters that people want: what they were told, at once or gathered, and the commune's week."""

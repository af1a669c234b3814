"""How each person reads: what they keep, where they stopped, what they follow beside people."""

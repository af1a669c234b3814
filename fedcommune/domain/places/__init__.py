"""Places: what one can go to, and what nobody speaks for yet."""

"""How people usually write."""

"""Everyone and everything that wants to be found, in a list or on a map."""

"""The commune's own voices: the instance actor, the topical feeds and the public square."""

"""Values of the domain become the entities that apps read."""

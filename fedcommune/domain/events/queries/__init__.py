"""SQL on events: what is in the agenda, and who takes part."""

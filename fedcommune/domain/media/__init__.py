"""Pictures, sounds and films of ours, and our copies of strangers' pictures."""

"""Posts that wait for their moment."""

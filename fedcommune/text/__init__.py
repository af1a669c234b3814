"""Words typed by people: cleaned, rendered, searched for names."""

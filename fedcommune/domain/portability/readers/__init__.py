"""Files as they are found, read into entries: pure, a line at a time, believing nothing."""

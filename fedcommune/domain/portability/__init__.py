"""Arriving with what is known elsewhere: files of public registers, maps and other servers."""

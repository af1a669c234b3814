"""Whom and what somebody does not want to read, without anybody hearing of it."""

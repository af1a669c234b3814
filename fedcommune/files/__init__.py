"""Bytes that people and strangers give us: kept in a folder, decoded in a process apart."""

"""Streams: what happens, told to apps at once over WebSocket and server-sent events."""

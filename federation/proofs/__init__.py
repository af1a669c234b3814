"""Proofs carried inside a document, which outlive the request that brought it."""

"""Letters: written in the reader's language, queued with what they tell of, sent afterwards."""

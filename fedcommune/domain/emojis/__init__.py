"""Small pictures that stand for words between colons."""

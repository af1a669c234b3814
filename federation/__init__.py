"""The protocol, whoever speaks it: no database, no web framework, no commune."""

# An unrelated package of the same name exists; fedcommune checks this before it starts.
OWNER = "fedcommune"

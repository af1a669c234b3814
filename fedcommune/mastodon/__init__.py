"""The client API that phone apps speak, in Mastodon's shapes."""

"""What a person's own app does over ActivityPub: post to the outbox, read the inbox."""

"""What somebody's own outbox and inbox show them, over ActivityPub."""

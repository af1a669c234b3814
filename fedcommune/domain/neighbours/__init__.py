"""The communes around: whom we follow, whom we might, and what comes from each."""

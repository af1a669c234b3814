"""Who takes part in what, as what: the heart."""

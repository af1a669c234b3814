"""Official notices: a local authority warns everybody here, and takes it back."""

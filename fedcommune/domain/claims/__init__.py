"""Claims: somebody says that an entry of the directory is theirs, and proves it."""

"""Use cases, one to a file."""

"""What `scripts/bench` measures, one file to a subject."""

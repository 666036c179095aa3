"""Answers to questions: read only, from the read model and the party's own rows."""

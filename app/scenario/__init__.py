"""Scenarios: what parties do and what has to come of it, in files that anybody can write and play."""

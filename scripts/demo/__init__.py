"""The demonstration: a chain, four gateways, two sales."""

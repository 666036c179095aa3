"""The gateway over HTTP: what a client may send, who it is, and how a failure is answered."""

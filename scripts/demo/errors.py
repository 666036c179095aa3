"""What ends the demonstration before its time."""

from __future__ import annotations


class Trouble(Exception):
    """Something is in the way. Its text is one sentence that says what, and what to do about it."""


class Unknown(Trouble):
    """The gateway does not know the API key: it is somebody else's."""

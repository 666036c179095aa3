"""The one way in which setting up fails."""


class SetupFailed(Exception):
    """Something could not be installed; the text is one sentence for the person at the keyboard."""

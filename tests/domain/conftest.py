"""A property says what holds, not how fast: on a busy machine the first example alone may take long."""

from hypothesis import settings

settings.register_profile("domain", deadline=None)
settings.load_profile("domain")

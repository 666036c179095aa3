"""Random bytes, from the operating system and from nowhere else."""

import os

from app.errors import StoreUnavailable


def random_bytes(length: int) -> bytes:
    """
    So many random bytes; raises StoreUnavailable if the system gives none, so that nothing is made from less.

    Nothing is kept between calls: a process that forked does not give what its parent gives.
    """
    try:
        found = os.urandom(length)
    except (OSError, NotImplementedError) as error:
        raise StoreUnavailable("the system gives no random bytes", mend="Ask the gateway's operator.") from error
    if len(found) != length:
        raise StoreUnavailable("the system gives too few random bytes", mend="Ask the gateway's operator.")
    return found

"""Places in a body, as JSON pointers (RFC 6901) made of our own names and of numbers only."""

from collections.abc import Iterable, Set


def pointer(path: Iterable[str | int], known: Set[str]) -> str:
    """
    The pointer of `path`, cut before the first name that is not in `known`.

    A name that no schema has comes from the client and may itself be a value. The empty pointer is the whole
    body.
    """
    parts: list[str] = []
    for part in path:
        if isinstance(part, str) and part not in known:
            break
        parts.append(f"/{part}")
    return "".join(parts)

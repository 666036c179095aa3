"""
How deep a JSON text is nested, told before a reader of JSON sees it.

The standard reader calls itself for every bracket, and relies on the interpreter's limit of recursion to stop. A
library that the chain needs raises that limit to 100,000 when it is imported (py_ecc, by way of eth-account), which is
deeper than the stack of a thread: a hundred thousand brackets then end the process instead of raising an error.
"""

import re

MAX_DEPTH = 32
"""Levels of nesting that are read from outside; our own documents have eight."""

# Possessive, and the closing quote optional: the match always goes to the end of the text, so that no body
# makes the search go back over what it has read.
_STRING = re.compile(rb'"[^"\\]*+(?:\\.?[^"\\]*+)*+"?', re.DOTALL)
_ALL_BUT_BRACKETS = bytes(sorted(set(range(256)) - set(b"[]{}")))


def too_deep(octets: bytes) -> bool:
    """Whether a JSON text has more than MAX_DEPTH levels; brackets within its strings do not count."""
    if octets.count(b"[") + octets.count(b"{") <= MAX_DEPTH:
        return False
    depth = 0
    for bracket in _STRING.sub(b"", octets).translate(None, _ALL_BUT_BRACKETS):
        depth += 1 if bracket in b"[{" else -1
        if depth > MAX_DEPTH:
            return True
    return False

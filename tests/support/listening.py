"""Everything that a gateway answers and writes, as bytes that can be searched."""

from __future__ import annotations

import io
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
import structlog

from app.logs import log_as_json

CLIENTS_OWN = ("httpx", "httpcore")


def told(answer: httpx.Response) -> bytes:
    """Everything of an answer but its length, which may be any number, a correction in hundredths too."""
    head = (name + b": " + value for name, value in answer.headers.raw if name.lower() != b"content-length")
    return b"\n".join([*head, b"", answer.content])


@contextmanager
def debugging(*but: str) -> Iterator[io.StringIO]:
    """Log as a gateway does that is set to `debug`, and everything that the libraries say besides `but` these."""
    written, before, root = io.StringIO(), structlog.get_config(), logging.getLogger()
    handler, level = logging.StreamHandler(written), root.level
    for name in (*CLIENTS_OWN, *but):
        logging.getLogger(name).setLevel(logging.WARNING)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stderr", written)
        log_as_json("debug")
        root.addHandler(handler)
        root.setLevel(logging.DEBUG)
        try:
            yield written
        finally:
            root.setLevel(level)
            root.removeHandler(handler)
            structlog.configure(**before)

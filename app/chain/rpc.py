"""
A connection to a node, over plain JSON-RPC.

The library repeats requests by itself, `eth_sendRawTransaction` among them. Here it must not: what to send
again, and when, is decided where the outcome is known, and a failure has to reach that place as it is.
"""

from __future__ import annotations

from web3 import HTTPProvider, Web3
from web3.middleware import AttributeDictMiddleware, ExtraDataToPOAMiddleware

from app.answers import bounded

CONNECT_SECONDS = 3.0
ANSWER_SECONDS = 15.0
CONNECTIONS = 8
MOST_BYTES = 64 * 1024 * 1024
"""Of one answer: the logs of a window of blocks, each full of steps, are a tenth of it."""


class NodeProvider(HTTPProvider):
    """One node at `url`. Its sockets are kept open and shared by all threads until `close` is called."""

    def __init__(self, url: str, answer_seconds: float = ANSWER_SECONDS) -> None:
        self._session = bounded(
            MOST_BYTES, 2 * answer_seconds, pool_maxsize=CONNECTIONS, pool_block=True, max_retries=0
        )
        # A node is reached directly: a proxy that the environment names is meant for other things.
        self._session.trust_env = False
        super().__init__(
            url,
            request_kwargs={"timeout": (CONNECT_SECONDS, answer_seconds), "allow_redirects": False},
            session=self._session,
            exception_retry_configuration=None,
        )

    def close(self) -> None:
        """Close the sockets. A later request opens new ones."""
        self._session.close()


def connect(url: str, *, answer_seconds: float = ANSWER_SECONDS) -> Web3:
    """
    Speak to the node at `url`; nothing is sent yet.

    Blocks of proof-of-authority chains (QBFT, Clique) carry more than 32 bytes of extra data; they are read
    as well. Of what the library puts around each request only the form of answers is kept: the rest looks up names
    that nobody here writes, and asks for the chain's id before each call, which is pinned where it matters.
    """
    around = [(AttributeDictMiddleware, "attrdict"), (ExtraDataToPOAMiddleware, "poa")]
    return Web3(NodeProvider(url, answer_seconds), middleware=around)


def disconnect(node: Web3) -> None:
    """Close the sockets of a connection made by `connect`."""
    if isinstance(node.provider, NodeProvider):
        node.provider.close()

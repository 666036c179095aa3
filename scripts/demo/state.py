"""What the demonstration remembers, and that only one process uses it at a time."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

from app.chain.artifacts import NAMES, artifact
from app.chain.deployment import Deployment
from demo.errors import Trouble
from demo.layout import ROOT, Layout, write_json

ROLES = ("optician", "glassmaker", "insurer", "auditor")
GUESTS = ("optician", "glassmaker", "insurer")
"""The roles of those that take part beside the four, each on the gateway of the one with its role."""
RESET = "start with `scripts/run --reset` to begin anew"
_FORMAT = 2


@dataclass(slots=True)
class Party:
    """
    One party of the demonstration: its role, its number in the registry, and its API key once there is one.

    A `guest` has no gateway of its own: that of the party with the same role serves it too.
    """

    role: str
    number: int
    api_key: str | None = None
    guest: bool = False

    @property
    def name(self) -> str:
        """What it is called in scenarios and on the command line."""
        return f"other_{self.role}" if self.guest else self.role


@dataclass(slots=True)
class State:
    """
    What outlives a stop. `parties` have a gateway each, `guests` are served by these.

    `plays` counts the sales begun, so that a sale that was broken off never shares its reference with the next one;
    `sales` holds those that were played to the end.
    """

    version: str
    deployment: Deployment
    parties: list[Party]
    guests: list[Party]
    plays: int = 0
    sales: list[dict[str, Any]] = field(default_factory=list)

    @property
    def everyone(self) -> list[Party]:
        """All who take part."""
        return [*self.parties, *self.guests]

    def party(self, role: str) -> Party:
        """The party in that role."""
        return next(party for party in self.parties if party.role == role)

    def save(self, layout: Layout) -> None:
        """Write it down; it may be read by its owner only."""
        content = {**asdict(self), "deployment": self.deployment.as_dict()}
        write_json(layout.state, content)


def version() -> str:
    """What a state must have been made by to be of use: the project's version, this format, contracts, databases."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    migrations = sorted((ROOT / "app" / "store" / "migrations" / "versions").glob("*.py"))
    parts = [artifact(name).bytecode for name in NAMES] + [file.read_bytes() for file in migrations]
    code = hashlib.sha256(b"".join(parts)).hexdigest()
    return f"{project}/{_FORMAT}/{code[:16]}"


def load(layout: Layout) -> State | None:
    """The state in the folder; None if nothing was ever set up there, `Trouble` if it is of no use any more."""
    if not layout.state.exists():
        return None
    try:
        content = json.loads(layout.state.read_text(encoding="utf-8"))
        if content["version"] != version():
            raise Trouble(f"{layout.folder} holds the state of another version of this project; {RESET}")
        state = State(
            version=content["version"],
            deployment=Deployment.from_dict(content["deployment"]),
            parties=[Party(**party) for party in content["parties"]],
            guests=[Party(**party) for party in content["guests"]],
            plays=content["plays"],
            sales=content["sales"],
        )
    except (ValueError, KeyError, TypeError):
        raise Trouble(f"{layout.state} is damaged; {RESET}") from None
    if not layout.chain.exists():
        raise Trouble(f"the chain that {layout.folder} was set up on is gone; {RESET}")
    return state


@contextmanager
def alone(layout: Layout) -> Iterator[None]:
    """Hold the folder; `Trouble` if another process does. The lock goes with the process, however it ends."""
    descriptor = os.open(layout.lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Trouble(
                f"it runs already; {layout.run} tells its addresses, and Ctrl-C in its window stops it"
            ) from None
        yield
    finally:
        os.close(descriptor)

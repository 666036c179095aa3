"""Where the demonstration keeps what: one folder, readable by its owner alone."""

from __future__ import annotations

import json
import os
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eth_account import Account
from eth_account.signers.local import LocalAccount

ROOT = Path(__file__).resolve().parent.parent.parent
_PRIVATE = 0o600


@dataclass(frozen=True, slots=True)
class Layout:
    """The files under `folder`."""

    folder: Path

    @property
    def state(self) -> Path:
        """What outlives a stop: deployment, parties, API keys, sales played."""
        return self.folder / "state.json"

    @property
    def run(self) -> Path:
        """What is true while it runs: URLs, API keys, process ids."""
        return self.folder / "run.json"

    @property
    def lock(self) -> Path:
        """Held by the one process that runs here."""
        return self.folder / "run.lock"

    @property
    def chain(self) -> Path:
        """The embedded chain's own file."""
        return self.folder / "chain.json"

    @property
    def network(self) -> Path:
        """Which chain and ledger the gateways trust."""
        return self.folder / "network.json"

    def log(self, name: str) -> Path:
        """The log of a child."""
        return self.folder / "logs" / f"{name}.log"

    def key(self, name: str) -> Path:
        """A signing key, as 64 hex digits."""
        return self.folder / "keys" / f"{name}.key"

    def vault_keys(self, role: str) -> Path:
        """The key-encryption keys of a party's vault; apart from its database, as they should be."""
        return self.folder / "keys" / f"{role}-vault.keys"

    def gateway(self, role: str) -> Path:
        """The folder of one party's gateway."""
        return self.folder / "gateways" / role

    def prepare(self) -> None:
        """Make the folders."""
        for folder in (self.folder, self.folder / "logs", self.folder / "keys", self.folder / "gateways"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def forget(self) -> None:
        """Delete chain, keys, databases and sales. Logs stay."""
        for folder in (self.folder / "keys", self.folder / "gateways"):
            shutil.rmtree(folder, ignore_errors=True)
        for file in (self.state, self.run, self.chain, self.network):
            file.unlink(missing_ok=True)

    def account(self, name: str) -> LocalAccount:
        """The account of the key `name`; a new one if there is none yet."""
        file = self.key(name)
        if not file.exists():
            write_private(file, secrets.token_hex(32) + "\n")
        account: LocalAccount = Account.from_key(file.read_text(encoding="ascii").strip())
        return account

    def secret(self, name: str) -> bytes:
        """The 32 bytes of the key `name`; new ones if there are none yet."""
        self.account(name)
        return bytes.fromhex(self.key(name).read_text(encoding="ascii").strip())


def write_private(file: Path, text: str) -> None:
    """Write `text` for the owner alone: the file is there whole or as it was before."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE), "w", encoding="utf-8") as opened:
        opened.write(text)
        opened.flush()
        os.fsync(opened.fileno())
    draft.replace(file)


def write_json(file: Path, content: Any) -> None:
    """Write `content` as JSON for the owner alone."""
    write_private(file, json.dumps(content, indent=2, ensure_ascii=False) + "\n")

"""Makes secrets and keeps them in files that their owner alone may read; what is there already stays."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import cast

from eth_account import Account
from eth_account.signers.local import LocalAccount

from app.chain.signer import key_from_file

PRIVATE = 0o600


def write_file(file: Path, text: str, mode: int = PRIVATE) -> None:
    """Write `text`: the file is there whole, with that mode, or as it was before."""
    draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as opened:
        os.fchmod(opened.fileno(), mode)
        opened.write(text)
        opened.flush()
        os.fsync(opened.fileno())
    draft.replace(file)


def kept_secret(file: Path) -> bytes:
    """The 32 bytes in `file`, which are drawn if it is not there; raises UnsafeKeyFile."""
    if not file.exists():
        renew_key(file)
    return key_from_file(file)


def kept_account(file: Path) -> LocalAccount:
    """The account of the key in `file`, which is made if it is not there; raises UnsafeKeyFile."""
    return cast(LocalAccount, Account.from_key(kept_secret(file)))


def renew_key(file: Path) -> None:
    """Put a new key into `file`, in the place of one that is there."""
    write_file(file, secrets.token_hex(32) + "\n")


def account_from(file: Path) -> LocalAccount:
    """The account of the key in `file`; raises UnsafeKeyFile."""
    return cast(LocalAccount, Account.from_key(key_from_file(file)))


def kept_password(file: Path, mode: int) -> str:
    """The password in `file`, 256 random bits in hex; made if it is not there."""
    if not file.exists():
        write_file(file, secrets.token_hex(32), mode)
    return file.read_text(encoding="ascii").strip()


def kept_vault_keys(file: Path) -> None:
    """Make a file with one key-encryption key, called `1`, if there is none; more lines are more keys."""
    if not file.exists():
        write_file(file, f"1 {secrets.token_hex(32)}\n")

"""The one source of key-encryption keys that the settings name."""

from pathlib import Path

from app.custody.ring import KEYS_PAGE, private_text, ring_from_descriptor, ring_from_file
from app.custody.service import KeyService
from app.errors import VaultUnreadable
from app.ports import KeyEncryption


def key_encryption(
    file: Path | None, descriptor: int | None, service: str | None, token_file: Path | None
) -> KeyEncryption:
    """Keys from a file, a descriptor or a service; raises VaultUnreadable unless exactly one of them is given."""
    if sum(source is not None for source in (file, descriptor, service)) != 1:
        raise VaultUnreadable(
            "the settings have to name one source of the vault's keys: OPTITRACE_VAULT_KEY_FILE, "
            "OPTITRACE_VAULT_KEY_FD or OPTITRACE_VAULT_KEY_SERVICE",
            mend=KEYS_PAGE,
        )
    if file is not None:
        return ring_from_file(file)
    if descriptor is not None:
        return ring_from_descriptor(descriptor)
    return KeyService(str(service), None if token_file is None else private_text(token_file).strip())

"""
API keys: `ot_<id>_<secret>`, shown once.

The secret is 256 random bits, so a plain SHA-256 of it can be kept: there is nothing to guess. The id finds the row,
the secret is compared in constant time.
"""

import hashlib
import hmac
import re
import secrets

from app.services.ground import Ground
from app.store import access

_FORM = re.compile("ot_([0-9a-f]{8})_([0-9a-f]{64})")


def create_api_key(ground: Ground, party: int) -> str:
    """Make a key for a party that this gateway serves, and return it for the only time."""
    key_id, secret = secrets.token_hex(4), secrets.token_hex(32)
    with ground.database.writing() as connection:
        access.add_api_key(connection, key_id, party, _digest(secret), ground.clock.now())
    return f"ot_{key_id}_{secret}"


def holder_of(ground: Ground, api_key: str) -> tuple[int, str] | None:
    """The party that a key is bound to, and the key's id; None if it is no key of this gateway."""
    form = _FORM.fullmatch(api_key)
    if form is None:
        return None
    with ground.database.reading() as connection:
        found = access.api_key(connection, form[1])
    if found is None or not hmac.compare_digest(found[1], _digest(form[2])) or found[0] not in ground.roles:
        return None
    return found[0], form[1]


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()

"""Where real parts are put together, by the settings, and what can keep a gateway from starting."""

from app.chain.client import NodeChain
from app.chain.signer import KeySigner, UnsafeKeyFile, key_from_file
from app.custody.source import key_encryption
from app.errors import OptiTraceError, StoreUnavailable, VaultUnreadable
from app.exchange.keys import ExchangeKeys
from app.exchange.post import Post
from app.formats import mapping_files
from app.formats.mapping_files import UnusableTable
from app.pipeline.courier import Courier
from app.pipeline.worker import Worker
from app.services.ground import Ground
from app.settings import Settings, UnsafeFile, UnusableSettings, token_from_file
from app.store.database import Database, UnusableDatabase
from app.store.registry import Role
from app.wiring import HostedGateway, SystemClock

CANNOT_START = (
    UnusableSettings, UnsafeFile, UnsafeKeyFile, UnusableTable, UnusableDatabase, StoreUnavailable, VaultUnreadable,
)  # fmt: skip
"""What keeps a gateway from starting."""


def reason(error: Exception) -> str:
    """What went wrong and what to do about it, in one line."""
    return f"{error.detail}. {error.mend}".rstrip() if isinstance(error, OptiTraceError) else str(error)


def ground_of(settings: Settings) -> Ground:
    """The shared parts of a gateway, its database brought to this release; raises one of `CANNOT_START`."""
    parties = settings.parties()
    keys = {each.number: key_from_file(each.key_file) for each in parties}
    roles = {each.number: Role[each.role.upper()] for each in parties}
    exchange = {
        each.number: ExchangeKeys.of(key_from_file(each.exchange_key_file))
        for each in parties
        if each.exchange_key_file is not None
    }
    mappings = mapping_files.held(settings.mapping_files())
    database = Database(settings.database_url.get_secret_value(), key_encryption(*settings.vault_key_source))
    try:
        database.migrate()
    except Exception:
        database.close()
        raise
    return Ground(
        database,
        KeySigner(keys),
        SystemClock(),
        settings.network(),
        roles,
        mappings=mappings,
        retention=settings.retention_days,
        exchange=exchange,
        lease_seconds=settings.lease_seconds,
    )


def metrics_token(settings: Settings) -> str | None:
    """What a monitor has to show, None where there is no token; raises one of `CANNOT_START`."""
    file = settings.metrics_token_file
    return None if file is None else token_from_file(file)


def worker_of(settings: Settings, ground: Ground) -> Worker:
    """The worker of a gateway, not started yet."""
    chain = NodeChain(str(settings.rpc_url), ground.network, key_from_file(settings.relayer_key()))
    return Worker(ground, chain, Courier(ground, settings.directory(), Post()))


def build(settings: Settings) -> HostedGateway:
    """A gateway, not started yet; its worker is left out where the settings say that it runs elsewhere."""
    ground = ground_of(settings)
    return HostedGateway(ground, worker_of(settings, ground) if settings.worker else None)

"""All the configuration there is. Nothing else reads the environment."""

import json
import re
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, AnyHttpUrl, BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.domain.retention import DEFAULT_DAYS, retention_of
from app.exchange.addresses import DEVELOPMENT_CHAIN, Directory
from app.ports import Network
from app.services.ground import LEASE_SECONDS

_PAIR = r"(\[[0-9a-f:.]+\]|[a-z0-9.-]+):[0-9]{1,5}"
_PAIRS = f"^({_PAIR}(,{_PAIR})*)?$"
"""Pairs `host:port`, parted by commas."""


class UnsafeFile(Exception):
    """A file that says which keys to use, or which ledger to trust, may be written by others than its owner."""


class UnusableSettings(Exception):
    """The environment does not describe a gateway; the message names the settings, and no value."""


class PartySetting(BaseModel):
    """
    One party that the gateway serves: its number, its role, and the file that holds its signing key.

    A party with an `exchange_key_file` exchanges packages by itself.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    number: int = Field(gt=0, lt=1 << 32)
    role: Literal["optician", "glassmaker", "insurer", "auditor"]
    key_file: Path
    exchange_key_file: Path | None = None


class Settings(BaseSettings):
    """The settings of one gateway, from the environment."""

    model_config = SettingsConfigDict(env_prefix="OPTITRACE_", frozen=True, hide_input_in_errors=True)

    database_url: SecretStr
    rpc_url: AnyHttpUrl
    network_file: Path
    parties_file: Path
    relayer_key_file: Path | None = None
    mappings_folder: Path | None = None
    vault_key_file: Path | None = None
    vault_key_fd: int | None = Field(default=None, ge=3)
    vault_key_service: AnyHttpUrl | None = None
    vault_key_service_token_file: Path | None = None
    retention_days: Annotated[Mapping[str, int], AfterValidator(retention_of)] = Field(
        default_factory=lambda: DEFAULT_DAYS
    )
    host: str = "127.0.0.1"
    port: int = Field(default=8000, gt=0, lt=65536)
    worker: bool = True
    lease_seconds: int = Field(default=LEASE_SECONDS, ge=3, le=300)
    exchange_allow: str = Field(default="", pattern=_PAIRS)
    metrics_token_file: Path | None = None
    rate_per_second: float = Field(default=200.0, gt=0)
    burst: int = Field(default=1000, gt=0)
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    failpoint: str | None = Field(default=None, pattern="^K[0-9]+(:[0-9]+)?$")

    @property
    def vault_key_source(self) -> tuple[Path | None, int | None, str | None, Path | None]:
        """Where the vault's keys are: a file, a file descriptor, or the URL of a service, and a file with its token."""
        service = None if self.vault_key_service is None else str(self.vault_key_service)
        return self.vault_key_file, self.vault_key_fd, service, self.vault_key_service_token_file

    def relayer_key(self) -> Path:
        """The file of the key that sends transactions; raises UnusableSettings. An API without a worker needs none."""
        if self.relayer_key_file is None:
            raise UnusableSettings("missing in the environment: OPTITRACE_RELAYER_KEY_FILE")
        return self.relayer_key_file

    def network(self) -> Network:
        """The chain and ledger that the network file names; raises UnsafeFile."""
        content: dict[str, Any] = json.loads(_guarded(self.network_file))
        return Network(
            chain_id=content["chain_id"],
            genesis=_bytes(content["genesis"]),
            ledger=content["ledger"].lower().removeprefix("0x"),
            registry=content["registry"].lower().removeprefix("0x"),
            ledger_code_hash=_bytes(content["ledger_code_hash"]),
            deployed_block=content["deployed_block"],
            development=content["development"],
        )

    def parties(self) -> list[PartySetting]:
        """The parties that the parties file lists; key files may be named relative to it. Raises UnsafeFile."""
        found = [PartySetting.model_validate_json(json.dumps(each)) for each in json.loads(_guarded(self.parties_file))]
        base = self.parties_file.parent
        return [
            each.model_copy(
                update={
                    "key_file": base / each.key_file,
                    "exchange_key_file": None if each.exchange_key_file is None else base / each.exchange_key_file,
                }
            )
            for each in found
        ]

    def directory(self) -> Directory:
        """
        Where this gateway may call others: what is public, and the pairs `host:port` that its operator allows.

        Without TLS it calls only these, and only on the development chain.
        """
        network = self.network()
        plain = network.development and network.chain_id == DEVELOPMENT_CHAIN
        return Directory(frozenset(filter(None, self.exchange_allow.split(","))), plain)

    def mapping_files(self) -> list[str]:
        """The text of each mapping table in the folder that holds them; raises UnsafeFile."""
        folder = self.mappings_folder
        return [] if folder is None else [_guarded(file) for file in sorted(folder.glob("*.json"))]

    @classmethod
    def from_environment(cls) -> Self:
        """Read and check the environment once; raises UnusableSettings."""
        try:
            return cls.model_validate({})
        except ValidationError as error:
            names = sorted({f"OPTITRACE_{str(each['loc'][0]).upper()}" for each in error.errors() if each["loc"]})
            raise UnusableSettings(f"missing in the environment or not as it has to be: {', '.join(names)}") from None


def token_from_file(file: Path) -> str:
    """What a monitor shows: 16 to 256 characters in a file that its owner alone may read; raises UnsafeFile."""
    if file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise UnsafeFile(f"others than its owner may read the token file {file.name}: chmod 600")
    token = file.read_text(encoding="utf-8").strip()
    if re.fullmatch("[!-~]{16,256}", token) is None:
        raise UnsafeFile(f"the token file {file.name} does not hold one line of 16 to 256 characters without spaces")
    return token


def _guarded(file: Path) -> str:
    """The text of a file that its owner alone may write; it holds no secret, so others may read it."""
    if file.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise UnsafeFile(f"others than its owner may write {file.name}: chmod go-w")
    return file.read_text(encoding="utf-8")


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))

"""All the configuration there is. Nothing else reads the environment."""

import json
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import AnyHttpUrl, BaseModel, ConfigDict, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.exchange.addresses import DEVELOPMENT_CHAIN, Directory
from app.ports import Network

_PAIR = r"(\[[0-9a-f:.]+\]|[a-z0-9.-]+):[0-9]{1,5}"
_PAIRS = f"^({_PAIR}(,{_PAIR})*)?$"
"""Pairs `host:port`, parted by commas."""


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
    relayer_key_file: Path
    host: str = "127.0.0.1"
    port: int = Field(default=8000, gt=0, lt=65536)
    worker: bool = True
    exchange_allow: str = Field(default="", pattern=_PAIRS)
    rate_per_second: float = Field(default=200.0, gt=0)
    burst: int = Field(default=1000, gt=0)
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    failpoint: str | None = Field(default=None, pattern="^K[0-9]+(:[0-9]+)?$")

    def network(self) -> Network:
        """The chain and ledger that the network file names."""
        content: dict[str, Any] = json.loads(self.network_file.read_text(encoding="utf-8"))
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
        """The parties that the parties file lists; key files may be named relative to it."""
        found = [
            PartySetting.model_validate_json(json.dumps(each)) for each in json.loads(self.parties_file.read_text())
        ]
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

    @classmethod
    def from_environment(cls) -> Self:
        """Read and check the environment once."""
        return cls.model_validate({})


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))

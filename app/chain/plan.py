"""What a network is to be: its council and its first parties, as a file says it."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Literal, Self

from eth_typing import ChecksumAddress
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator, model_validator
from web3 import Web3

from app.domain.identifiers import address_holds_insured_number

ROLES = {"optician": 1, "glassmaker": 2, "insurer": 3, "auditor": 4}
"""Roles of the parties that a plan may name, and their numbers in the registry."""


class UnusablePlan(Exception):
    """The file does not say what it should; the message says where."""


def _checksummed(text: object) -> ChecksumAddress:
    if not isinstance(text, str) or not Web3.is_address(text):
        raise ValueError("no address of an account")
    return Web3.to_checksum_address(text)


Address = Annotated[ChecksumAddress, BeforeValidator(_checksummed)]
_STRICT = ConfigDict(frozen=True, extra="forbid")


class PlannedParty(BaseModel):
    """
    One party. `name` is that of its folder and its database.

    `number` is drawn if it is not given. A party that keeps its keys elsewhere gives `number`, the address `key` and,
    as `optitrace party exchange-keys` prints them, its public `exchange` keys: then nothing is made for it here.
    `gateway` is the address where it takes in packages.
    """

    model_config = _STRICT

    name: str = Field(pattern="^[a-z][a-z0-9_]{0,30}$")
    role: Literal["optician", "glassmaker", "insurer", "auditor"]
    number: int | None = Field(default=None, gt=0, lt=1 << 32)
    key: Address | None = None
    exchange: str | None = Field(default=None, pattern="^[0-9a-f]{128}$")
    gateway: str = Field(default="", pattern="^[!-~]{0,200}$")

    @field_validator("gateway")
    @classmethod
    def _nobodys(cls, gateway: str) -> str:
        if address_holds_insured_number(gateway):
            raise ValueError("this holds what looks like the number of an insured person")
        return gateway

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.key is not None and self.number is None:
            raise ValueError("a party with a key of its own gives its number too")
        if self.exchange is not None and self.key is None:
            raise ValueError("a party gives its exchange keys only if it keeps its keys elsewhere")
        return self


class PlannedCouncil(BaseModel):
    """
    Whose signatures it takes. With `owners`, their addresses, the council is real and no key of it comes here;
    without, `size` keys are made in one place, which is for trying out only.
    """

    model_config = _STRICT

    threshold: int = Field(ge=1)
    size: int | None = Field(default=None, ge=1, le=20)
    owners: tuple[Address, ...] = ()

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if (self.size is None) == (not self.owners):
            raise ValueError("give either the owners' addresses or a size")
        if len(set(self.owners)) != len(self.owners):
            raise ValueError("an owner is named twice")
        if self.threshold > (self.size or len(self.owners)):
            raise ValueError("the threshold is above the number of owners")
        return self


class Plan(BaseModel):
    """A network's council and first parties."""

    model_config = _STRICT

    council: PlannedCouncil
    parties: tuple[PlannedParty, ...]

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        for what in ("name", "number", "key"):
            given = [value for party in self.parties if (value := getattr(party, what)) is not None]
            if len(set(given)) != len(given):
                raise ValueError(f"two parties have the same {what}")
        return self

    @property
    def development(self) -> bool:
        """Whether the council's keys are all in one place."""
        return not self.council.owners


def read_plan(file: Path) -> Plan:
    """The plan in a TOML file; raises UnusablePlan."""
    try:
        return Plan.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UnusablePlan(f"{file.name} cannot be read as TOML") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "as a whole"
        raise UnusablePlan(f"{file.name}, {where}: {first['msg']}") from error

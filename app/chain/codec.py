"""Calls of the ledger as bytes, and logs of ledger and registry as facts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError

from app.chain.artifacts import artifact
from app.domain.keccak import keccak256
from app.domain.shapes import is_well_formed
from app.domain.steps import SignedList, Step
from app.errors import InvalidRecord, LedgerBroken
from app.ports import (
    ExchangeKeysChanged,
    GatewayChanged,
    KeyChanged,
    LedgerLog,
    NoticeLog,
    OutageDeclared,
    Outcome,
    PartyChanged,
    Place,
    Recorded,
    RegistryLog,
    Skipped,
    TablePublished,
)

Witnesses = Sequence[Sequence[tuple[bytes, ...]]]
"""For each list, for each of its steps, the roots that the relayer adds."""

_LISTS = "(uint32,uint40,address,(bytes32,bytes32[],bytes32[])[],bytes)[]"
_SUBMIT = keccak256(f"submit({_LISTS})".encode())[:4]


def _signature(name: str, event: dict[str, Any]) -> str:
    return f"{name}({','.join(each['type'] for each in event['inputs'])})"


def _topics(contract: str) -> dict[bytes, tuple[str, list[dict[str, Any]]]]:
    events = [each for each in artifact(contract).abi if each["type"] == "event"]
    return {keccak256(_signature(each["name"], each).encode()): (each["name"], each["inputs"]) for each in events}


_EVENTS = _topics("PartyRegistry") | _topics("EquipmentLedger")


def submit_call(lists: Sequence[SignedList], witnesses: Witnesses) -> bytes:
    """The call that submits these lists, each step with its witness."""
    content = [
        (
            one.party,
            one.deadline,
            "0x" + one.signer,
            [(step.head, list(step.words), list(added)) for step, added in zip(one.steps, extra, strict=True)],
            one.signature,
        )
        for one, extra in zip(lists, witnesses, strict=True)
    ]
    return _SUBMIT + encode([_LISTS], [content])


def submit_outcomes(answer: bytes, sizes: Sequence[int]) -> list[list[Outcome]]:
    """What `submit` says became of every step of lists of these `sizes`; raises LedgerBroken for another form."""
    try:
        (lists,) = decode(["bytes[]"], answer)
        found = [[Outcome(byte) for byte in outcomes] for outcomes in lists]
    except (DecodingError, ValueError, OverflowError) as error:
        raise LedgerBroken("the ledger's answer to a submission is not of its form") from error
    if [len(outcomes) for outcomes in found] != list(sizes):
        raise LedgerBroken("the ledger's answer to a submission is not of its form")
    return found


def count_call() -> bytes:
    """The call that asks how many steps are recorded."""
    return keccak256(b"count()")[:4]


def ledger_log(place: Place, topics: Sequence[bytes], data: bytes) -> LedgerLog | None:
    """
    The fact that a log of ledger or registry states; None for one that is none of this gateway's business.

    `DuplicateFound` is none: replaying the steps finds the same, and the item's next step shows whether it does.

    Raises LedgerBroken if a log has one of the known names but not its form: a node's answer is not trusted.
    """
    if not topics or topics[0] not in _EVENTS:
        return None
    name, inputs = _EVENTS[topics[0]]
    try:
        fields = _fields(inputs, topics[1:], data)
        return _fact(name, place, fields)
    except (DecodingError, InvalidRecord, ValueError, OverflowError, KeyError) as error:
        raise LedgerBroken(f"a log {name} is not of its form", where=f"block {place.block}") from error


def _fields(inputs: list[dict[str, Any]], topics: Sequence[bytes], data: bytes) -> dict[str, Any]:
    indexed = [each for each in inputs if each["indexed"]]
    plain = [each for each in inputs if not each["indexed"]]
    if len(indexed) != len(topics):
        raise ValueError("the number of topics is wrong")
    found = {each["name"]: decode([each["type"]], topic)[0] for each, topic in zip(indexed, topics, strict=True)}
    # Text is read as the bytes it is: what is no UTF-8 is no fault of the node.
    values = decode(["bytes" if each["type"] == "string" else each["type"] for each in plain], data)
    return found | {each["name"]: value for each, value in zip(plain, values, strict=True)}


def _fact(name: str, place: Place, fields: dict[str, Any]) -> LedgerLog | None:
    if name == "StepRecorded":
        return _recorded(place, fields)
    if name == "StepSkipped":
        return Skipped(place, fields["party"], fields["digest"], False, Outcome(fields["outcome"]))
    if name == "ListSkipped":
        return Skipped(place, fields["party"], fields["list"], True, Outcome(fields["outcome"]))
    return _registry_fact(name, place, fields)


def _registry_fact(name: str, place: Place, fields: dict[str, Any]) -> RegistryLog | NoticeLog | None:
    if name == "PartyAdmitted":
        return PartyChanged(place, fields["party"], _one_to(_ROLES, fields["role"]), 1)
    if name == "PartyStateChanged":
        return PartyChanged(place, fields["party"], None, _one_to(_STATES, fields["state"]))
    if name == "KeyChanged":
        key = str(fields["key"]).lower().removeprefix("0x")
        return KeyChanged(place, fields["party"], key, _one_to(_STATES, fields["state"]), fields["custodian"])
    if name == "ExchangeKeysChanged":
        signing, encryption = fields["signingKey"], fields["encryptionKey"]
        keys = (signing.hex(), encryption.hex()) if any(signing) and any(encryption) else ("", "")
        return ExchangeKeysChanged(place, fields["party"], *keys)
    if name == "GatewayChanged":
        return GatewayChanged(place, fields["party"], _visible(fields["gateway"], MAX_GATEWAY))
    return _notice(name, place, fields)


def _notice(name: str, place: Place, fields: dict[str, Any]) -> NoticeLog | None:
    if name == "OutageDeclared":
        if fields["from"] >= fields["to"]:
            raise ValueError("the outage does not end after it began")
        return OutageDeclared(place, fields["from"], fields["to"])
    if name == "TablePublished":
        table = _visible(fields["name"], MAX_TABLE_NAME)
        return TablePublished(place, table, fields["root"].hex()) if table else None
    return None


def _visible(text: bytes, most: int) -> str:
    """An address or a name as the registry takes it; empty for anything else, which is none."""
    return text.decode() if len(text) <= most and all(0x21 <= byte <= 0x7E for byte in text) else ""


MAX_GATEWAY = 200
"""How many bytes of an address the registry takes."""
MAX_TABLE_NAME = 31
"""How many bytes of a mapping table's name and version the registry takes."""
_ROLES, _STATES = 5, 3
"""How many roles, and how many states of a party or of a key, the registry has."""


def _one_to(most: int, number: int) -> int:
    if not 1 <= number <= most:
        raise ValueError("no such role or state")
    return number


def _recorded(place: Place, fields: dict[str, Any]) -> Recorded:
    number, content = fields["number"], fields["content"]
    sequence, party, states = number & (1 << 64) - 1, number >> 64 & (1 << 32) - 1, number >> 96
    if not 0 < states <= len(content):
        raise ValueError("the log has fewer states than it says")
    step = Step.from_parts(fields["head"], content[states:])
    if not is_well_formed(step):
        raise ValueError("the ledger takes no step of this form")
    if step.subject != fields["subject"]:
        raise ValueError("the head and the topic name different subjects")
    return Recorded(place, party, sequence, step, tuple(int.from_bytes(each, "big") for each in content[:states]))

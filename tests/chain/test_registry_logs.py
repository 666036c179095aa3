"""What the registry logs of the exchange, read as facts: whatever stands there, it never stops the index."""

import pytest
from eth_abi.abi import encode

from app.chain.codec import MAX_GATEWAY, MAX_TABLE_NAME, ledger_log
from app.domain.keccak import keccak256
from app.errors import LedgerBroken
from app.ports import ExchangeKeysChanged, GatewayChanged, OutageDeclared, Place, TablePublished

PLACE = Place(1, bytes(32), bytes(32), 0)
PARTY = (1234567890).to_bytes(32)
KEYS = keccak256(b"ExchangeKeysChanged(uint32,bytes32,bytes32)")
GATEWAY = keccak256(b"GatewayChanged(uint32,string)")
OUTAGE = keccak256(b"OutageDeclared(uint40,uint40)")
TABLE = keccak256(b"TablePublished(bytes32,string)")
ROOT = keccak256(b"table")


def gateway(text: bytes) -> str:
    fact = ledger_log(PLACE, [GATEWAY, PARTY], encode(["bytes"], [text]))
    assert isinstance(fact, GatewayChanged)
    assert fact.party == 1234567890
    return fact.gateway


def test_keys_are_read_and_both_are_gone_where_one_is_missing() -> None:
    one, two = b"\1" * 32, b"\2" * 32

    def keys(signing: bytes, encryption: bytes) -> tuple[str, str]:
        fact = ledger_log(PLACE, [KEYS, PARTY], signing + encryption)
        assert isinstance(fact, ExchangeKeysChanged)
        return fact.signing, fact.encryption

    assert keys(one, two) == (one.hex(), two.hex())
    for signing, encryption in ((bytes(32), bytes(32)), (one, bytes(32)), (bytes(32), two)):
        assert keys(signing, encryption) == ("", "")


def test_an_address_is_read_as_it_stands() -> None:
    assert gateway(b"https://gateway.example/optitrace") == "https://gateway.example/optitrace"
    assert gateway(b"") == ""
    assert len(gateway(b"a" * MAX_GATEWAY)) == MAX_GATEWAY


@pytest.mark.parametrize("text", [b"\0", b"a b", b"\xff\xfe", "https://gâteau.example".encode(), b"a" * 201, b"\x7f"])
def test_bytes_that_are_no_address_are_read_as_none(text: bytes) -> None:
    assert gateway(text) == ""


def test_an_outage_is_read_and_one_that_ends_before_it_began_cannot_be_true() -> None:
    def outage(start: int, end: int) -> object:
        return ledger_log(PLACE, [OUTAGE], encode(["uint40", "uint40"], [start, end]))

    assert outage(5, 9) == OutageDeclared(PLACE, 5, 9)
    for start, end in ((9, 9), (9, 5)):
        with pytest.raises(LedgerBroken):
            outage(start, end)


def test_a_published_table_is_read_and_a_name_that_is_none_is_passed_over() -> None:
    def table(name: bytes) -> object:
        return ledger_log(PLACE, [TABLE, ROOT], encode(["bytes"], [name]))

    assert table(b"list/3") == TablePublished(PLACE, "list/3", ROOT.hex())
    assert isinstance(table(b"a" * MAX_TABLE_NAME), TablePublished)
    for name in (b"", b"a" * (MAX_TABLE_NAME + 1), b"list 3", b"\xff", "é/3".encode()):
        assert table(name) is None

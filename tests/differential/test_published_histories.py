"""The deployed contract makes of the published histories what the file says, from its heads, words and witnesses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.differential.ledgers import ChainLedger
from tests.differential.published import HISTORIES, NOW, ROLES, offered, raw
from tests.support.chain import connected, running_chain
from tests.support.gateways import deployed_on


@pytest.fixture(scope="module")
def ledger() -> Iterator[ChainLedger]:
    options = ("--auto-impersonate", "--timestamp", str(NOW))
    with running_chain(options=options) as url, connected(url) as node:
        yield ChainLedger(node, deployed_on(node, url, ROLES))


@pytest.mark.parametrize("history", HISTORIES, ids=lambda history: history["name"])
def test_the_contract_makes_of_a_published_history_what_the_file_says(
    ledger: ChainLedger, history: dict[str, Any]
) -> None:
    plays = list(offered(history))
    for said, (offer, expected) in zip(ledger.submit([offer for offer, _ in plays]), plays, strict=True):
        assert said == expected, offer.step.kind
    for name, item in history["items"].items():
        assert ledger.bits_of(raw(name)) == (item["mismatches"], item["justified"])
        assert ledger.item_of(raw(name)) == (int(item["state"], 16), int(item["exceptions"], 16))
    for name, dossier in history["dossiers"].items():
        assert ledger.dossier_of(raw(name)) == int(dossier["state"], 16)

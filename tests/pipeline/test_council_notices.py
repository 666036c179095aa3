"""What the council declares on a real chain reaches every gateway: outages, and roots of mapping tables."""

from dataclasses import replace

import pytest
from web3.exceptions import Web3Exception

from app.api.app import create_app
from app.domain.mapping import Mappings
from app.domain.packages import moment
from app.formats.mapping_files import packaged
from app.queries.gateway import Filter
from app.services.api_keys import create_api_key
from app.wiring import HostedGateway
from tests.api.serving import served
from tests.gateway.sales import RIGHT, billed_lens, invoiced, manufactured, ordered, quoted_lens
from tests.support.benches import Bench, Pipeline
from tests.support.worlds import INSURER, MAKER, SHOP

DAY = 24 * 3600


def late_sale(gateway: Pipeline, reference: str, begun: int) -> str:
    """One lens whose quote and making are recorded days after they happened."""
    gateway.turn()
    (quote,) = gateway.record(SHOP, quoted_lens(reference, reference, occurred_at=moment(begun)))
    item = str(quote.item)
    gateway.record(SHOP, ordered(item, RIGHT) | {"occurred_at": moment(begun + 60)})
    gateway.hand(SHOP, MAKER, quote.dossier)
    gateway.turn()
    number = f"V-{reference}"
    gateway.record(MAKER, manufactured(item, RIGHT, number) | {"occurred_at": moment(begun + 120)})
    gateway.turn()
    gateway.record(SHOP, {"type": "delivered", "item": item, "device": {"number": number}})
    gateway.record(SHOP, invoiced(quote.dossier, billed_lens(item)))
    gateway.turn()
    return quote.dossier


def test_a_late_quote_proves_its_price_once_the_council_declared_the_outage(bench: Bench) -> None:
    gateway = bench.pipeline()
    begun = gateway.ground.clock.now() - 3 * DAY
    dossier = late_sale(gateway, "outage-1", begun)
    shop = gateway.caller(SHOP)
    seen = gateway.desk.dossier(shop, dossier)
    late = {step.kind for step in seen.items[0].steps if step.late}
    assert (seen.verdict, late, seen.assurance.late) == ("incomplete", {"quoted", "ordered", "manufactured"}, True)
    assert gateway.desk.dossiers(shop, Filter(verdict="conform")).dossiers == []
    council = bench.chain.council
    council.act(council.registry("declareOutage", begun - 60, begun + 3600))
    gateway.worker.turn()
    seen = gateway.desk.dossier(shop, dossier)
    assert (seen.verdict, seen.assurance.late) == ("conform", False)
    assert not any(step.late for step in seen.items[0].steps)
    listed = gateway.desk.dossiers(shop, Filter(verdict="conform")).dossiers
    assert [each.dossier for each in listed] == [dossier]
    assert gateway.mirror() == bench.replay()


def test_an_outage_ahead_of_the_chain_is_refused_by_it(bench: Bench) -> None:
    council = bench.chain.council
    now = bench.pipeline().ground.clock.now()
    with pytest.raises(Web3Exception):
        council.act(council.registry("declareOutage", now, now + DAY))


def test_a_gateway_says_of_each_of_its_tables_whether_the_council_published_the_same(bench: Bench) -> None:
    (sample,) = packaged().tables
    other, same = replace(sample, name="other/1"), replace(sample, name="same/1")
    gateway = bench.pipeline()
    desk = HostedGateway(replace(gateway.ground, mappings=Mappings((sample, other, same))), None)
    council = bench.chain.council
    council.act(
        council.registry("publishTable", same.root, same.name),
        council.registry("publishTable", sample.root, other.name),
        council.registry("publishTable", sample.root, same.name),
    )
    gateway.worker.turn()
    with served(create_app(desk, production=False)) as client:
        client.headers["Authorization"] = f"Bearer {create_api_key(gateway.ground, INSURER)}"
        tables = client.get("/v1/mapping-tables").json()["tables"]
    assert [(each["name"], each["published"]) for each in tables] == [
        ("other/1", "other_root"), ("same/1", "yes"), ("sample/1", "no"),
    ]  # fmt: skip
    assert [(each["root"], each["rows"]) for each in tables][2] == ("0x" + sample.root.hex(), len(sample.rows))

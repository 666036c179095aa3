"""An insurer's gateway reads a credit after the decision, and tells it once, whatever happens to its process."""

from typing import Any

import pytest
from sqlalchemy import delete

from app.api.app import create_app
from app.api.schemas.verifications import VerificationRequest
from app.queries.gateway import Filter
from app.queries.verdict_views import VerdictChangeView
from app.services.api_keys import create_api_key
from app.store.database import Connection
from app.store.tables import metadata
from tests.api.serving import served
from tests.gateway.sales import RIGHT, billed_lens, invoiced, manufactured, ordered, quoted_lens
from tests.support.benches import Bench, Pipeline
from tests.support.worlds import INSURER, MAKER, OTHER_INSURER, SHOP


def sold(gateway: Pipeline, reference: str) -> tuple[str, str]:
    """One lens from quote to invoice: dossier and item."""
    gateway.turn()
    (quote,) = gateway.record(SHOP, quoted_lens(reference, reference))
    item = str(quote.item)
    gateway.record(SHOP, ordered(item, RIGHT))
    gateway.hand(SHOP, MAKER, quote.dossier)
    gateway.turn()
    gateway.record(MAKER, manufactured(item, RIGHT, f"V-{reference}"), {"type": "shipped", "item": item})
    gateway.turn()
    device = {"number": f"V-{reference}"}
    gateway.hand(MAKER, SHOP, quote.dossier)
    gateway.record(
        SHOP, {"type": "received", "item": item}, {"type": "delivered", "item": item, "device": device},
        invoiced(quote.dossier, billed_lens(item)),
    )  # fmt: skip
    gateway.turn()
    return quote.dossier, item


def check(gateway: Pipeline, dossier: str) -> str:
    """Let the insurer check and record; the verdict."""
    asked = VerificationRequest.model_validate({"dossier": dossier, "record": True}).to_draft()
    answer = gateway.desk.verify(gateway.caller(INSURER), asked)
    gateway.turn()
    return answer.ledger_verdict


def credit(gateway: Pipeline, item: str) -> None:
    """Let the glassmaker credit the lens."""
    gateway.record(MAKER, {"type": "credited", "item": item, "reason": "returned_goods"})


def told(gateway: Pipeline, party: int, **narrowed: Any) -> list[VerdictChangeView]:
    """What a party was told."""
    return gateway.desk.verdict_changes(gateway.caller(party), Filter(**narrowed)).changes


def test_a_credit_after_the_check_is_told_once_and_to_that_insurer_alone(bench: Bench) -> None:
    gateway = bench.pipeline()
    dossier, item = sold(gateway, "told-1")
    assert check(gateway, dossier) == "conform"
    assert told(gateway, INSURER, dossier=dossier) == []
    before = gateway.desk.measures()["verdict_changes"]
    credit(gateway, item)
    gateway.turn()
    (change,) = told(gateway, INSURER, dossier=dossier)
    assert (change.before.verdict, change.before.cases) == ("conform", [])
    assert (change.after.verdict, change.after.cases) == ("non_conform", ["RETURN_NOT_DECLARED"])
    assert change.step is not None
    assert (change.dossier, change.cause, change.step.kind, change.step.item) == (dossier, "step", "credited", item)
    assert [told(gateway, party) for party in (OTHER_INSURER, SHOP, MAKER)] == [[], [], []]
    bench.mine(3)
    gateway.turn()
    assert told(gateway, INSURER, dossier=dossier) == [change]
    assert gateway.desk.measures()["verdict_changes"] == before + 1


class Died(BaseException):
    """The process is gone."""


def test_a_process_that_dies_before_its_cursor_is_written_tells_it_once_when_it_comes_back(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway = bench.pipeline()
    dossier, item = sold(gateway, "died-1")
    check(gateway, dossier)
    elsewhere = bench.pipeline()
    elsewhere.worker.turn()
    credit(gateway, item)
    gateway.worker.turn()

    def die(point: str) -> None:
        if point == "K10":
            raise Died

    with monkeypatch.context() as armed:
        armed.setattr("app.pipeline.indexer.failpoint", die)
        for _ in range(3):
            bench.mine(1)
            with pytest.raises(Died):
                gateway.worker.turn()
    assert told(gateway, INSURER, dossier=dossier) == []
    gateway.turn()
    assert len(told(gateway, INSURER, dossier=dossier)) == 1


def test_a_mirror_that_is_read_again_from_the_first_block_tells_nothing_again(bench: Bench) -> None:
    url = bench.database_url()
    gateway = bench.pipeline(database=url)
    dossier, item = sold(gateway, "again-1")
    check(gateway, dossier)
    credit(gateway, item)
    gateway.turn()
    before = told(gateway, INSURER)
    with gateway.ground.database.writing() as connection:
        forget(connection)
    restarted = bench.pipeline(database=url)
    restarted.worker.turn()
    assert restarted.mirror() == bench.replay()
    assert told(restarted, INSURER) == before
    assert [each.dossier for each in before if each.dossier == dossier] == [dossier]


def forget(connection: Connection) -> None:
    """Empty the mirror, as a migration does."""
    for table in metadata.sorted_tables:
        if table.name.startswith("ledger_"):
            connection.execute(delete(table))


def test_the_list_is_paged_and_narrowed_and_refuses_what_it_does_not_know(bench: Bench) -> None:
    gateway = bench.pipeline()
    pairs = [sold(gateway, f"page-{number}") for number in range(3)]
    for dossier, item in pairs:
        check(gateway, dossier)
        credit(gateway, item)
        gateway.turn()
    everything = told(gateway, INSURER)
    first = gateway.desk.verdict_changes(gateway.caller(INSURER), Filter(limit=len(everything) - 1))
    rest = gateway.desk.verdict_changes(gateway.caller(INSURER), Filter(limit=2, cursor=first.next))
    assert first.changes + rest.changes == everything
    assert [each.dossier for each in everything[-3:]] == [dossier for dossier, _ in pairs]
    assert rest.next is None
    key = create_api_key(gateway.ground, INSURER)
    with served(create_app(gateway.desk, production=False)) as client:
        client.headers["Authorization"] = f"Bearer {key}"
        answer = client.get("/v1/verdict-changes", params={"dossier": pairs[1][0]})
        assert [each["dossier"] for each in answer.json()["changes"]] == [pairs[1][0]]
        refused = client.get("/v1/verdict-changes", params={"cursor": "eyJ4Ijo"})
        assert (refused.status_code, refused.json()["code"]) == (422, "bad_cursor")
        assert client.get("/v1/verdict-changes", params={"item": pairs[1][1]}).status_code == 422
        metrics = client.get("/metrics").text
    assert f"optitrace_verdict_changes {len(everything)}.0" in metrics
    assert not any(dossier in metrics for dossier, _ in pairs)

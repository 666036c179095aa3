"""Each role's sealed package, opened and read field by field, holds what the published table says and nothing else."""

import re
from pathlib import Path
from typing import Any

import pytest

from app.domain.disclosures import Disclosure
from app.domain.stock import DRAWN_CODING
from app.errors import OutOfSequence
from app.exchange import sealed
from tests.gateway.sales import (
    RIGHT,
    billed_frame,
    billed_lens,
    invoiced,
    manufactured,
    ordered,
    quoted_frame,
    quoted_lens,
)
from tests.services.test_compose_dossiers import answering, asking
from tests.services.test_compose_stock import drawing, handed, shipped
from tests.support.worlds import INSURER, MAKER, OTHER_SHOP, SHOP, World

PROTOCOL = (Path(__file__).resolve().parents[2] / "docs" / "protocol.md").read_text(encoding="utf-8")
ROWS = {
    MAKER: "optician → the item's glassmaker",
    INSURER: "optician → an insurer named or asked",
    SHOP: "glassmaker → the item's optician",
}
OF_A_LOT = "holder → whom it ships or hands a lot to"
OF_AN_ANSWER = "insurer → the dossier's optician"
TOP = {"format", "chain_id", "ledger", "from", "for", "dossier", "groups", "items", "steps"}
STEP = {"party", "kind", "occurrence", "claimed_at", "subject", "detail", "words", "list", "openings"}
LIST = {"deadline", "signer", "digests", "position", "signature"}


def groups_and_fields() -> dict[tuple[str, str], list[str]]:
    """The fields of each group of each schema, as section 2 lists them."""
    found = {}
    tables = re.findall(r"\| group \| fields of `([^`]+)`[^\n]*\n\|[-|]+\n((?:\|[^\n]+\n)+)", PROTOCOL)
    for schema, rows in tables:
        for group, fields in re.findall(r"\| (\w+) \| ([^|]+) \|", rows):
            found[schema, group] = [name.strip() for name in fields.split(",")]
    return found


FIELDS = groups_and_fields()
NAMES = {DRAWN_CODING, *(group for _, group in FIELDS)}


def row(name: str) -> tuple[set[str], set[str]]:
    """Groups whose keys go to the recipient, and groups that are opened to it, as the table of section 5 has them."""
    line = next(each for each in PROTOCOL.splitlines() if each.startswith(f"| {name} |"))
    keys, openings = line.split("|")[2:4]
    told = (keys.partition("(")[0], keys if openings.strip() == "the same" else openings)
    return tuple(NAMES & set(re.findall(r"\w+", cell)) for cell in told)  # type: ignore[return-value]


def disclosed(package: Any) -> tuple[set[str], set[str]]:
    """Groups whose keys are in a package, and groups that are opened in it: all fields of each, and nothing beside."""
    schemas = {item["item"]: item["schema"] for item in package["items"]}
    seen = set()
    assert package.keys() == TOP
    for step in package["steps"]:
        assert (step.keys(), step["list"].keys()) == (STEP, LIST)
        for opening in step["openings"]:
            assert opening.keys() == {"subject", "group", "values"}
            assert list(opening["values"]) == FIELDS[schemas.get(opening["subject"], "dossier/1"), opening["group"]]
            seen.add(opening["group"])
    return {*package["groups"], *(group for item in package["items"] for group in item["groups"])}, seen


def opened(world: World, file: str, recipient: int) -> Any:
    return sealed.claimed(sealed.opened(world.exchange[recipient], file))["package"]


@pytest.fixture
def files(world: World) -> dict[int, str]:
    """A lens and a frame, from quote to invoice; the sealed file for each recipient."""
    lens, frame = world.record(SHOP, quoted_lens("A"), quoted_frame("B"))
    item = str(lens.item)
    world.record(SHOP, ordered(item, RIGHT))
    for_maker = world.seal(SHOP, MAKER, dossier=lens.dossier)
    world.take(MAKER, world.give(SHOP, MAKER, dossier=lens.dossier))
    world.record(MAKER, manufactured(item, RIGHT, "V-77"))
    for_shop = world.seal(MAKER, SHOP, dossier=lens.dossier)
    world.record(SHOP, asking(lens.dossier))
    world.record(SHOP, invoiced(lens.dossier, billed_lens(item), billed_frame(str(frame.item)), renewal=RENEWAL))
    return {MAKER: for_maker, SHOP: for_shop, INSURER: world.seal(SHOP, INSURER, dossier=lens.dossier)}


RENEWAL = {"legal_case": "usual", "previous_date": "2024-02-01", "prescription_date": "2026-01-12"}


@pytest.fixture
def lot(world: World) -> str:
    """A lot of three lenses that the shop has the package of."""
    found = shipped(world).dossier
    world.take(SHOP, world.give(MAKER, SHOP, dossier=found))
    return found


@pytest.mark.parametrize("recipient", ROWS, ids=["glassmaker", "insurer", "optician"])
def test_a_package_holds_the_fields_of_the_table_and_no_other(
    world: World, files: dict[int, str], recipient: int
) -> None:
    keys, openings = row(ROWS[recipient])

    assert disclosed(opened(world, files[recipient], recipient)) == (keys - {DRAWN_CODING}, openings)


def test_a_lot_holds_what_the_table_says_of_each_unit_for_the_buyer_and_for_who_has_it_next(
    world: World, lot: str
) -> None:
    bought = world.seal(MAKER, SHOP, dossier=lot)
    world.record(SHOP, handed(lot, OTHER_SHOP))
    for file, holder in ((bought, SHOP), (world.seal(SHOP, OTHER_SHOP, dossier=lot), OTHER_SHOP)):
        package = opened(world, file, holder)
        keys, openings = row(OF_A_LOT)
        assert disclosed(package) == (keys, openings)
        assert [set(item["groups"]) for item in package["items"]] == [keys] * 3
        of_a_unit = sorted((item["item"], group) for item in package["items"] for group in openings)
        (step,) = package["steps"]
        assert sorted((each["subject"], each["group"]) for each in step["openings"]) == of_a_unit


def test_what_was_sold_from_stock_adds_the_units_coding_key_for_the_insurer_and_gives_the_glassmaker_nothing(
    world: World, lot: str
) -> None:
    (quote,) = world.record(SHOP, quoted_lens("A"))
    world.record(SHOP, asking(quote.dossier), drawing(quote.item, lot))
    world.record(SHOP, invoiced(quote.dossier, billed_lens(str(quote.item))))

    package = opened(world, world.seal(SHOP, INSURER, dossier=quote.dossier), INSURER)
    assert disclosed(package) == row(ROWS[INSURER])
    assert DRAWN_CODING in package["items"][0]["groups"]
    with pytest.raises(OutOfSequence):
        world.seal(SHOP, MAKER, dossier=quote.dossier)


def test_each_row_of_the_table_is_looked_at_here_and_has_a_type_of_its_own() -> None:
    rows = re.findall(r"^\| ((?!from)\w+ → [^|]+) \|", PROTOCOL, re.MULTILINE)
    assert sorted(rows) == sorted([*ROWS.values(), OF_A_LOT, OF_AN_ANSWER])
    assert len(rows) == len({each.__name__ for each in Disclosure.__subclasses__()})


def test_no_package_holds_what_was_told_for_others(world: World, files: dict[int, str]) -> None:
    eye, claim = ["sphere", "-250", "PRG160", "progressive"], ["24900", "PEC-77", "73282932000074"]
    renewal = ["2026-01-12", "usual"]
    hidden = {
        MAKER: [*claim, *renewal, "18000", "LN204"],
        INSURER: [*eye, *renewal, "VERALIA0", "LN204", "V-77", "CMD-1"],
        SHOP: [*eye, *claim, *renewal],
    }
    shown = {MAKER: "-250", INSURER: "24900", SHOP: "V-77"}
    for recipient, values in hidden.items():
        text = str(opened(world, files[recipient], recipient))
        assert shown[recipient] in text
        assert [value for value in values if f"'{value}'" in text] == []


def test_asking_for_more_gives_no_more(world: World, files: dict[int, str]) -> None:
    first = opened(world, files[MAKER], MAKER)
    later = opened(world, world.seal(SHOP, MAKER, dossier=first["dossier"]), MAKER)
    alone = opened(world, world.seal(SHOP, MAKER, item=first["items"][0]["item"]), MAKER)

    assert first == later == alone


def test_the_answer_to_a_request_for_cover_holds_the_grant_and_no_other_group(world: World) -> None:
    (quote,) = world.record(SHOP, quoted_lens("A"))
    world.record(SHOP, asking(quote.dossier))
    world.take(INSURER, world.give(SHOP, INSURER, dossier=quote.dossier))
    world.record(INSURER, answering(quote.dossier))
    package = opened(world, world.seal(INSURER, SHOP, dossier=quote.dossier), SHOP)

    assert disclosed(package) == row(OF_AN_ANSWER) == (set(), {"grant"})
    assert package["items"] == []

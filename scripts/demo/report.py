"""What the demonstration tells: one JSON document, or tables to read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

from demo.state import State

Json = dict[str, Any]
_COLOURS = {"conform": "green", "justified": "green", "incomplete": "yellow", "non_conform": "red"}


def document(state: State, chain_url: str, gateways: Mapping[str, str]) -> Json:
    """All there is to know, for a program. `gateways` has the URL of each party's gateway, by role."""
    deployment = state.deployment
    return {
        "chain": {
            "url": chain_url,
            "chain_id": deployment.chain_id,
            "genesis": deployment.genesis,
            "contracts": {
                "registry": deployment.registry,
                "ledger": deployment.ledger,
                "access_manager": deployment.access_manager,
                "council": deployment.council,
            },
        },
        "gateways": [
            {
                "role": party.role,
                "party": party.number,
                "url": gateways[party.role],
                "docs": f"{gateways[party.role]}/docs",
                "api_key": party.api_key,
            }
            for party in state.parties
        ],
        "guests": [
            {
                "name": guest.name,
                "role": guest.role,
                "party": guest.number,
                "url": gateways[guest.role],
                "api_key": guest.api_key,
            }
            for guest in state.guests
        ],
        "sales": state.sales,
    }


def show(content: Json, console: Console) -> None:
    """The same for a person, without the keys."""
    for sale in content["sales"]:
        _show_sale(sale, console)
    table = Table(title="The gateways", title_justify="left", title_style="bold")
    for heading in ("party", "number", "gateway", "API documentation"):
        table.add_column(heading)
    for gateway in content["gateways"]:
        table.add_row(gateway["role"], str(gateway["party"]), gateway["url"], gateway["docs"])
    console.print(table)


def _show_sale(sale: Json, console: Console) -> None:
    console.print()
    table = Table(title=f"{sale['title']}  ({sale['reference']})", title_justify="left", title_style="bold")
    table.add_column("step")
    table.add_column("of")
    table.add_column("party")
    table.add_column("block", justify="right")
    table.add_column("transaction")
    table.add_column("verdict after it")
    for event in sale["events"]:
        table.add_row(
            event["kind"],
            event["line"] or "dossier",
            event["role"],
            str(event["block"]),
            f"{event['transaction'][:10]}…",
            _coloured(event["verdict"]),
        )
    console.print(table)
    for item in sale["items"]:
        assurance = item["assurance"]["level"]
        console.print(f"  {item['line']}: {_coloured(item['verdict'])} by the ledger, assurance {assurance}")
    claim = sale["claim_verdict"] or "none: nothing was opened"
    console.print(f"  the ledger alone: {_coloured(sale['ledger_verdict'])}; the insurer's check: {_coloured(claim)}")
    for code, shown in _cases(sale).items():
        console.print(f"    {code}: {'; '.join(shown)}", soft_wrap=True)
    console.print()


def _cases(sale: Json) -> dict[str, list[str]]:
    """For each case by which comparisons, or by whose check, it was found."""
    found: dict[str, list[str]] = {}
    for case in sale["cases"]:
        where = {"ledger": "on the ledger", "claim": "by opening it"}[case["found_by"]]
        shown = f"{case['comparison'] or 'the whole dossier'} ({where})"
        if shown not in found.setdefault(case["code"], []):
            found[case["code"]].append(shown)
    return found


def _coloured(verdict: str) -> str:
    colour = _COLOURS.get(verdict)
    return f"[{colour}]{verdict}[/{colour}]" if colour else verdict

"""The commands that read through a gateway's API, as one of its parties: JSON on standard output."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import typer

from app.client import DEMONSTRATION, Client, ClientFailed, Json, Place, demonstrated, named

reading = typer.Typer()

As = Annotated[
    str | None, typer.Option("--as", metavar="PARTY", help="A party of the demonstration: role, guest or number.")
]
Url = Annotated[str | None, typer.Option("--gateway", metavar="URL", help="Another gateway than the demonstration's.")]
KeyFile = Annotated[Path | None, typer.Option("--key-file", help="File with an API key for --gateway, mode 600.")]
RunFile = Annotated[
    Path, typer.Option("--run-file", help="run.json of a demonstration in another folder.", show_default=False)
]
Reference = Annotated[str | None, typer.Option(help="Only what has this reference of the shop.")]
Id = Annotated[str, typer.Argument(help="Its 32 hex digits.")]


@contextmanager
def asking(party: str | None, url: str | None, key_file: Path | None, run_file: Path) -> Iterator[Client]:
    """A client of the gateway that the options name; what can go wrong is said in one line, with exit code 1."""
    try:
        with Client(_place(party, url, key_file, run_file)) as client:
            yield client
    except ClientFailed as failure:
        typer.echo(f"optitrace: {failure}", err=True)
        raise typer.Exit(1) from failure


def _place(party: str | None, url: str | None, key_file: Path | None, run_file: Path) -> Place:
    if url is None and key_file is None:
        return demonstrated(run_file, party)
    if url is None or key_file is None:
        raise ClientFailed("--gateway and --key-file go together")
    if party is not None:
        raise ClientFailed("--as chooses a party of the demonstration; with --gateway the key says who asks")
    return named(url, key_file)


@reading.command("status")
def status(
    as_: As = None,
    gateway: Url = None,
    key_file: KeyFile = None,
    run_file: RunFile = DEMONSTRATION,
) -> None:
    """Say what works, and what of the party's waits."""
    with asking(as_, gateway, key_file, run_file) as client:
        _show(client.get("/v1/status"))


@reading.command("event")
def event(
    event: Id,
    as_: As = None,
    gateway: Url = None,
    key_file: KeyFile = None,
    run_file: RunFile = DEMONSTRATION,
) -> None:
    """One event of the party: where it stands on its way to the chain."""
    with asking(as_, gateway, key_file, run_file) as client:
        _show(client.get(f"/v1/events/{quote(event, safe='')}"))


@reading.command("item")
def item(
    item: Id,
    as_: As = None,
    gateway: Url = None,
    key_file: KeyFile = None,
    run_file: RunFile = DEMONSTRATION,
) -> None:
    """One item: its steps, verdict, cases and assurance."""
    with asking(as_, gateway, key_file, run_file) as client:
        _show(client.get(f"/v1/items/{quote(item, safe='')}"))


@reading.command("dossier")
def dossier(
    dossier: Id,
    as_: As = None,
    gateway: Url = None,
    key_file: KeyFile = None,
    run_file: RunFile = DEMONSTRATION,
) -> None:
    """One dossier: its items, verdict and cases."""
    with asking(as_, gateway, key_file, run_file) as client:
        _show(client.get(f"/v1/dossiers/{quote(dossier, safe='')}"))


@reading.command("openings")
def openings(
    dossier: Id,
    as_: As = None,
    gateway: Url = None,
    key_file: KeyFile = None,
    run_file: RunFile = DEMONSTRATION,
) -> None:
    """The values that the party holds of a dossier: its own, and those opened to it. They may be health data."""
    with asking(as_, gateway, key_file, run_file) as client:
        _show(client.get(f"/v1/dossiers/{quote(dossier, safe='')}/openings"))


@reading.command("items")
def items(
    reference: Reference = None,
    as_: As = None,
    gateway: Url = None,
    key_file: KeyFile = None,
    run_file: RunFile = DEMONSTRATION,
) -> None:
    """The items that concern the party, newest first, one a line."""
    with asking(as_, gateway, key_file, run_file) as client:
        _list(client.pages("/v1/items", "items", reference=reference))


@reading.command("dossiers")
def dossiers(
    reference: Reference = None,
    as_: As = None,
    gateway: Url = None,
    key_file: KeyFile = None,
    run_file: RunFile = DEMONSTRATION,
) -> None:
    """The dossiers that concern the party, newest first, one a line."""
    with asking(as_, gateway, key_file, run_file) as client:
        _list(client.pages("/v1/dossiers", "dossiers", reference=reference))


@reading.command("events")
def events(
    dossier: Annotated[str | None, typer.Option(help="Only those about this dossier.")] = None,
    item: Annotated[str | None, typer.Option(help="Only those about this item.")] = None,
    as_: As = None,
    gateway: Url = None,
    key_file: KeyFile = None,
    run_file: RunFile = DEMONSTRATION,
) -> None:
    """All steps on the ledger, in its order, one a line; for auditors."""
    with asking(as_, gateway, key_file, run_file) as client:
        _list(client.pages("/v1/audit/events", "events", dossier=dossier, item=item))


@reading.command("access")
def access(
    subject: Annotated[str | None, typer.Option(help="Only what is about this item or dossier.")] = None,
    as_: As = None,
    gateway: Url = None,
    key_file: KeyFile = None,
    run_file: RunFile = DEMONSTRATION,
) -> None:
    """The party's access log, and who else looked at its dossiers on this gateway, newest first, one a line."""
    with asking(as_, gateway, key_file, run_file) as client:
        _list(client.pages("/v1/access", "entries", subject=subject))


def _show(answer: Json) -> None:
    typer.echo(json.dumps(answer, indent=2, ensure_ascii=False))


def _list(entries: Iterator[Json]) -> None:
    for entry in entries:
        typer.echo(json.dumps(entry, ensure_ascii=False))

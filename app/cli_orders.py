"""The commands `optitrace party orders …`: a glassmaker's orders in bulk, out of the gateway and back, as files."""

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from app.api.schemas.documents import MAX_EVENTS, read_events
from app.chain.key_files import write_file
from app.cli_party import Served, actor_of, tending
from app.errors import OptiTraceError
from app.services.drafts import Idempotency
from app.services.ground import Ground
from app.services.incoming_orders import incoming_orders
from app.services.record_events import record_events

orders = typer.Typer(no_args_is_help=True, help="A glassmaker's orders in bulk, as files with one lens a line.")
TELL_EVERY = 1000


@orders.command("pull")
def pull(
    file: Annotated[Path, typer.Argument(help="The file to write; its owner alone may read it.")],
    number: Served,
    after: Annotated[int, typer.Option(help="The number that this command printed the last time.")] = 0,
) -> None:
    """
    Write the orders that came in and are not made yet, one JSON object a line, and print how many and where to go on.

    Values are in canonical form: hundredths of a dioptre, tenths of a millimetre, sets of codes joined by commas.
    """
    lines: list[str] = []
    with tending() as ground:
        for order in incoming_orders(ground, actor_of(number), after):
            lines.append(json.dumps(asdict(order), separators=(",", ":")) + "\n")
            after = order.number
            if len(lines) % TELL_EVERY == 0:
                typer.echo(f"{len(lines)} orders", err=True)
    write_file(file, "".join(lines))
    typer.echo(f"{len(lines)} orders, the last in package {after}")


@orders.command("answer")
def answer(
    file: Annotated[Path, typer.Argument(help="Events, as the API takes them, one JSON object a line.")],
    number: Served,
    first: Annotated[int, typer.Option("--from-line", min=1, help="The line to begin with.")] = 1,
) -> None:
    """
    Have the events of a file accepted, a thousand at a time, each thousand whole or not at all.

    Broken off or corrected, the same file may be given again within a day: what was accepted is not accepted twice.
    """
    lines = file.read_bytes().splitlines()
    with tending() as ground:
        for start in range(first - 1, len(lines), MAX_EVENTS):
            part = lines[start : start + MAX_EVENTS]
            try:
                _accept(ground, number, part)
            except OptiTraceError as error:
                typer.echo(f"optitrace: {_line(error, start)}: {error.detail}. {error.mend}".rstrip(), err=True)
                typer.echo(f"{start} lines before are accepted", err=True)
                raise typer.Exit(1) from error
            typer.echo(f"{start + len(part)} of {len(lines)} lines accepted", err=True)


def _accept(ground: Ground, number: int, part: list[bytes]) -> None:
    body = b"[" + b",".join(part) + b"]"
    name = "bulk/" + hashlib.sha256(body).hexdigest()
    record_events(ground, actor_of(number), read_events(body), Idempotency(name, body))


def _line(error: OptiTraceError, start: int) -> str:
    """The line that an error is about, and the place in it; the lines of its part if it names none."""
    place, _, rest = (error.where or "").removeprefix("/").partition("/")
    if not place.isdigit():
        return f"lines {start + 1} and following"
    return f"line {start + int(place) + 1}" + (f", /{rest}" if rest else "")

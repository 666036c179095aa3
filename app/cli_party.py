"""
The commands `optitrace party …`: API keys, exchange keys, and the access log.

With --party they are the operator's: they work on the gateway's database, beside it, with its environment. The
commands for keys are otherwise the party's own, and ask the gateway as `app.cli_reading` does.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import quote

import typer
from rich.console import Console
from rich.table import Table

from app.chain.key_files import kept_secret
from app.chain.signer import UnsafeKeyFile
from app.cli_reading import As, KeyFile, RunFile, Url, asking
from app.client import DEMONSTRATION, Json
from app.domain.access import Actor
from app.domain.exchange_keys import exchange_public
from app.domain.packages import moment
from app.errors import OptiTraceError
from app.queries.access_pages import key_page
from app.queries.access_views import KeyView
from app.services import api_keys
from app.services.access_log import COMMAND_LINE, examined
from app.services.api_keys import KeyEnd, KeyRenewal, KeyTerms
from app.services.ground import Ground
from app.settings import Settings
from app.starting import CANNOT_START, ground_of, reason

party = typer.Typer(no_args_is_help=True, help="The parties that this gateway serves.")
key = typer.Typer(no_args_is_help=True, help="API keys of a party.")
access = typer.Typer(no_args_is_help=True, help="The access log of a party.")
party.add_typer(key, name="key")
party.add_typer(access, name="access")

Number = Annotated[
    int | None, typer.Option("--party", help="The party's number: for the operator, in the gateway's environment.")
]
Served = Annotated[int, typer.Option("--party", help="The party's number.")]
KeyId = Annotated[str, typer.Argument(help="The key's id: the eight digits after `ot_`.")]
Expires = Annotated[
    str | None,
    typer.Option(help="When the key ends: seconds from now, a day (2027-01-31) or a moment (2027-01-31T12:00:00Z)."),
]


@party.command("exchange-keys")
def exchange_keys(
    file: Annotated[Path, typer.Argument(help="The party's exchange key; made if it is not there.")],
) -> None:
    """Print the public keys that the council registers for a party to exchange packages with, from its secret one."""
    try:
        typer.echo("".join(half.hex() for half in exchange_public(kept_secret(file))))
    except (UnsafeKeyFile, OSError) as error:
        typer.echo(f"optitrace: {error}", err=True)
        raise typer.Exit(1) from error


@key.command("create")
def create(
    number: Number = None,
    label: Annotated[str, typer.Option(help="The software or function that holds the key.")] = "unnamed-0",
    scope: Annotated[Literal["all", "read"], typer.Option(help="`read` can record and change nothing.")] = "all",
    expires: Expires = None,
    as_: As = None,
    gateway: Url = None,
    key_file: KeyFile = None,
    run_file: RunFile = DEMONSTRATION,
) -> None:
    """Make an API key for a party and print it, once."""
    end = _end(expires)
    if number is None:
        with asking(as_, gateway, key_file, run_file) as client:
            typer.echo(client.post("/v1/keys", {"label": label, "scope": scope, **_told(end)})["api_key"])
        return
    with tending() as ground:
        if number not in ground.roles:
            raise typer.BadParameter("this gateway does not serve a party of that number")
        typer.echo(api_keys.create_api_key(ground, number, KeyTerms(label, scope, end)))


@key.command("list")
def list_keys(
    number: Number = None,
    as_: As = None,
    gateway: Url = None,
    key_file: KeyFile = None,
    run_file: RunFile = DEMONSTRATION,
) -> None:
    """Show a party's API keys, newest first, those that ended included; never a secret."""
    if number is None:
        with asking(as_, gateway, key_file, run_file) as client:
            _show(KeyView(**each) for each in client.pages("/v1/keys", "keys"))
        return
    with tending() as ground:
        _show(_all_keys(ground, number))


def _show(keys: Iterable[KeyView]) -> None:
    table = Table("key", "label", "scope", "good", "made", "last used", "ends", "old secret until", box=None)
    for each in keys:
        good = "yes" if each.active else "revoked" if each.revoked_at else "expired"
        ends, old = each.revoked_at or each.expires_at, each.old_secret_until
        used = each.last_used or "never"
        table.add_row(each.key, each.label, each.scope, good, each.created_at, used, ends or "", old or "")
    # A terminal decides on the width; a pipe gets whole lines.
    Console(width=None if Console().is_terminal else 200).print(table)


def _all_keys(ground: Ground, number: int) -> Iterator[KeyView]:
    cursor = None
    with ground.database.reading() as connection:
        while True:
            page = key_page(connection, number, cursor, 200, ground.clock.now())
            yield from page.keys
            cursor = page.next
            if cursor is None:
                return


@key.command("rotate")
def rotate(
    key_id: KeyId,
    number: Number = None,
    overlap: Annotated[int, typer.Option(help="Seconds that the old secret stays good.")] = 0,
    expires: Expires = None,
    as_: As = None,
    gateway: Url = None,
    key_file: KeyFile = None,
    run_file: RunFile = DEMONSTRATION,
) -> None:
    """Give a key a new secret and print the key, once; id, label and scope stay."""
    renewal = KeyRenewal(overlap, _end(expires))
    if number is None:
        with asking(as_, gateway, key_file, run_file) as client:
            terms = {"overlap_seconds": overlap, **_told(renewal.end)}
            typer.echo(client.post(f"/v1/keys/{quote(key_id, safe='')}/rotate", terms)["api_key"])
        return
    with tending() as ground:
        typer.echo(api_keys.rotate_api_key(ground, actor_of(number), key_id, renewal))


@key.command("revoke")
def revoke(
    key_id: KeyId,
    number: Number = None,
    as_: As = None,
    gateway: Url = None,
    key_file: KeyFile = None,
    run_file: RunFile = DEMONSTRATION,
) -> None:
    """End a key, at once and for good; only the operator can end the party's last."""
    if number is None:
        with asking(as_, gateway, key_file, run_file) as client:
            client.delete(f"/v1/keys/{quote(key_id, safe='')}")
        return
    with tending() as ground:
        api_keys.revoke_api_key(ground, actor_of(number), key_id, even_the_last=True)
        if not any(each.active and each.scope == api_keys.ALL for each in _all_keys(ground, number)):
            typer.echo("The party has no key of scope all any more: its software can record nothing.", err=True)


@access.command("verify")
def verify(
    number: Annotated[int, typer.Option("--party", help="The party's number; 0 for keys that nobody has.")],
    known: Annotated[
        str | None, typer.Option(help="NUMBER:HASH of a row, as this command printed it before.", metavar="NUMBER:HASH")
    ] = None,
) -> None:
    """
    Compute the hashes of a party's access log anew, and name the first row that does not hold.

    Keep what it prints somewhere else and give it as --known the next time: that shows a log written anew as a whole.
    """
    noted = None if known is None else re.fullmatch("([0-9]{1,18}):([0-9a-f]{64})", known)
    if known is not None and noted is None:
        raise typer.BadParameter("write it as NUMBER:HASH, as this command printed it", param_hint="--known")
    with tending() as ground:
        found = examined(ground, number, None if noted is None else (int(noted[1]), noted[2]))
    if found.broken is not None:
        typer.echo(f"{found.broken}; {found.rows} rows before it hold", err=True)
        raise typer.Exit(1)
    typer.echo(f"{found.rows}:{found.last_hash}")


def actor_of(number: int) -> Actor:
    """Whoever types a command for a party."""
    return Actor(number, None, COMMAND_LINE)


def _end(expires: str | None) -> KeyEnd:
    if expires is None:
        return KeyEnd()
    if re.fullmatch("[0-9]{1,9}", expires):
        return KeyEnd(after=int(expires))
    try:
        moment = datetime.fromisoformat(expires)
    except ValueError:
        raise typer.BadParameter("write seconds, a day or a moment", param_hint="--expires") from None
    return KeyEnd(at=int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()))


def _told(end: KeyEnd) -> Json:
    """The end of a key as the API takes it."""
    return {"expires_at": None if end.at is None else moment(end.at), "expires_in_seconds": end.after}


@contextmanager
def tending() -> Iterator[Ground]:
    """The gateway's parts while a command runs; what can go wrong is said in one line, with exit code 1."""
    try:
        ground = ground_of(Settings.from_environment())
        with closing(ground.database):
            yield ground
    except (OptiTraceError, *CANNOT_START) as error:
        typer.echo(f"optitrace: {reason(error)}", err=True)
        raise typer.Exit(1) from error

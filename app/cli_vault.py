"""The commands `optitrace vault …`. They work beside a gateway that runs."""

import typer

from app.cli_party import tending
from app.services.rotate import rotate

vault = typer.Typer(no_args_is_help=True, help="The keys of the vault.")


@vault.callback()
def _vault() -> None:
    """Keep commands below `vault`, also while there is one only."""


@vault.command("rotate")
def rotate_keys() -> None:
    """Wrap every data key with the newest key-encryption key; may be stopped and begun again at any moment."""
    with tending() as ground:
        found = rotate(ground.database, ground.clock.now(), _tell)
        for key_id in found.retired:
            typer.echo(f"The key {key_id} opens nothing in this database any more; backups may still need it.")
        typer.echo(f"{found.keys} data keys were wrapped anew.")


def _tell(done: int, left: int) -> None:
    if done and left:
        typer.echo(f"{done} done, {left} left", err=True)

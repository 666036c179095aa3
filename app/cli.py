"""The command `optitrace`."""

from typing import Annotated

import typer

from app.services.api_keys import create_api_key
from app.settings import Settings
from app.wiring import ground_of

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, help="Run and tend an OptiTrace gateway.")
party = typer.Typer(no_args_is_help=True, help="The parties that this gateway serves.")
key = typer.Typer(no_args_is_help=True, help="API keys of a party.")
app.add_typer(party, name="party")
party.add_typer(key, name="key")


@app.command()
def gateway() -> None:
    """Serve the gateway that the environment describes, until a signal ends it."""
    from app.main import main

    main()


@key.command("create")
def create(number: Annotated[int, typer.Option("--party", help="The party's number.")]) -> None:
    """Make an API key for a party and print it, once."""
    ground = ground_of(Settings.from_environment())
    if number not in ground.roles:
        raise typer.BadParameter("this gateway does not serve a party of that number")
    typer.echo(create_api_key(ground, number))
    ground.database.close()


if __name__ == "__main__":
    app()

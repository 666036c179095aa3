"""The command `optitrace`."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from app.chain import proposals, rpc
from app.chain.deployment import Deployment, DeploymentFailed
from app.chain.founding import Founding
from app.chain.key_files import account_from, renew_key
from app.chain.plan import UnusablePlan, read_plan
from app.chain.signer import UnsafeKeyFile
from app.cli_mapping import mapping
from app.cli_orders import orders
from app.cli_party import party
from app.cli_play import playing
from app.cli_reading import reading
from app.cli_vault import vault
from app.domain.identifiers import address_holds_insured_number
from app.domain.packages import seconds_of
from app.settings import Settings, UnusableSettings
from app.store import backup
from app.store.backup import BackupRefused

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, help="Run and tend an OptiTrace gateway.")
network = typer.Typer(no_args_is_help=True, help="Put a network into service.")
council = typer.Typer(no_args_is_help=True, help="What takes the signatures of several owners of the council.")
app.add_typer(reading)
app.add_typer(playing)
app.add_typer(party, name="party")
party.add_typer(orders, name="orders")
app.add_typer(mapping, name="mapping")
app.add_typer(vault, name="vault")
app.add_typer(network, name="network")
app.add_typer(council, name="council")

PlanFile = Annotated[Path, typer.Option("--plan", help="TOML file that names the council and the parties.")]
Folder = Annotated[Path, typer.Option(help="Where the network's files lie.")]
NodeUrl = Annotated[str, typer.Option("--rpc-url", help="JSON-RPC of a node of the chain.")]
NetworkFile = Annotated[Path, typer.Option(help="The network.json that gateways pin.")]
LONGEST_OUTAGE = 60 * 24 * 3600
FORESEEN = (
    UnusableSettings, UnusablePlan, UnsafeKeyFile, DeploymentFailed, proposals.ProposalRefused, BackupRefused, OSError,
)  # fmt: skip
ProposalFile = Annotated[Path, typer.Argument(help="The proposal.")]
KeyFile = Annotated[Path, typer.Option(help="File with the owner's private key.")]


@app.command()
def gateway() -> None:
    """Serve the gateway that the environment describes, until a signal ends it."""
    from app.main import main

    main()


@app.command("backup")
def back_up(file: Annotated[Path, typer.Argument(help="Where the backup goes; nothing may be there.")]) -> None:
    """Copy the gateway's database into one file, which its owner alone may read; the gateway works on meanwhile."""
    with _failing_in_a_line():
        backup.back_up(Settings.from_environment().database_url.get_secret_value(), file)
        typer.echo(f"{file} holds the database. The vault's keys and the parties' signing keys are not in it.")


@app.command("restore")
def restore(
    file: Annotated[Path, typer.Argument(help="A backup.")],
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace what the database holds.")] = False,
) -> None:
    """Put a backup into the gateway's database, while no gateway runs on it, and give it a new relayer's key."""
    with _failing_in_a_line():
        settings = Settings.from_environment()
        key_file = settings.relayer_key()
        backup.restore(settings.database_url.get_secret_value(), file, overwrite=overwrite)
        try:
            renew_key(key_file)
        except OSError as error:
            typer.echo(f"The database is restored. Put a new key into {key_file}, then start the gateway.", err=True)
            raise typer.Exit(1) from error
        typer.echo("The database is restored, and the relayer has a new key. Start the gateway.")


@network.command("keys")
def make_keys(plan: PlanFile, folder: Folder) -> None:
    """Make the keys and passwords that are missing. Prints each party's number and the address of its key."""
    with _failing_in_a_line():
        for member in Founding(read_plan(plan), folder).make_keys():
            typer.echo(f"{member.name} {member.role} {member.number} {member.key}")


@network.command("open")
def open_network(
    plan: PlanFile,
    folder: Folder,
    rpc_url: NodeUrl,
    patience: Annotated[float, typer.Option(help="Seconds to wait for the chain's first block.")] = 300.0,
) -> None:
    """Deploy the contracts, unless that was done, and admit the plan's parties; may be repeated."""
    with _failing_in_a_line():
        proposal = Founding(read_plan(plan), folder).open(rpc.connect(rpc_url), patience)
        if proposal is not None:
            typer.echo(f"The parties wait for the council: its owners sign {proposal}, then it is submitted.")


@council.command("propose-exchange")
def propose_exchange(
    proposal: ProposalFile,
    number: Annotated[int, typer.Option("--party", help="The party's number.")],
    network_file: NetworkFile,
    rpc_url: NodeUrl,
    keys: Annotated[
        str | None, typer.Option(help="The party's public keys, as `optitrace party exchange-keys` printed them.")
    ] = None,
    gateway: Annotated[str | None, typer.Option(help="Where the party takes in packages; empty for nowhere.")] = None,
) -> None:
    """Write a proposal that sets what a party exchanges packages with, and where. What is not given stays."""
    if keys is not None and re.fullmatch("[0-9a-f]{128}", keys) is None:
        raise typer.BadParameter("write 128 hex digits, as the command printed them", param_hint="--keys")
    if gateway is not None and re.fullmatch("[!-~]{0,200}", gateway) is None:
        raise typer.BadParameter("write at most 200 visible ASCII characters", param_hint="--gateway")
    if gateway is not None and address_holds_insured_number(gateway):
        raise typer.BadParameter("this holds what looks like the number of an insured person", param_hint="--gateway")
    with _failing_in_a_line():
        deployment, node = proposals.load_deployment(network_file), rpc.connect(rpc_url)
        public = None if keys is None else bytes.fromhex(keys)
        halves = None if public is None else (public[:32], public[32:])
        asked = proposals.propose_exchange(node, deployment, number, halves, gateway)
        asked.save(proposal)
        _say(asked, deployment, rpc_url)


@council.command("propose-outage")
def propose_outage(
    proposal: ProposalFile,
    begun: Annotated[str, typer.Option("--from", help="First moment of it, such as 2026-03-02T09:00:00Z.")],
    ended: Annotated[str, typer.Option("--to", help="Its last moment; 60 days after the first at most.")],
    network_file: NetworkFile,
    rpc_url: NodeUrl,
) -> None:
    """Write a proposal that declares an outage: steps claimed in it are not late, whenever they were recorded."""
    try:
        moments = seconds_of(begun), seconds_of(ended)
    except ValueError:
        raise typer.BadParameter("write moments as 2026-03-02T09:00:00Z", param_hint="--from, --to") from None
    if not 0 < moments[1] - moments[0] <= LONGEST_OUTAGE:
        raise typer.BadParameter("an outage ends after it began, and within 60 days", param_hint="--to")
    with _failing_in_a_line():
        deployment = proposals.load_deployment(network_file)
        asked = proposals.propose_outage(rpc.connect(rpc_url), deployment, *moments)
        asked.save(proposal)
        _say(asked, deployment, rpc_url)


@council.command("show")
def show_proposal(proposal: ProposalFile, network_file: NetworkFile, rpc_url: NodeUrl) -> None:
    """Say what a proposal does, read from its calls, and how many have signed."""
    with _failing_in_a_line():
        _say(proposals.load_proposal(proposal), proposals.load_deployment(network_file), rpc_url)


@council.command("sign")
def sign_proposal(proposal: ProposalFile, network_file: NetworkFile, rpc_url: NodeUrl, key_file: KeyFile) -> None:
    """Add an owner's signature to a proposal, and say what was signed; `show` says it before."""
    with _failing_in_a_line():
        asked, deployment = proposals.load_proposal(proposal), proposals.load_deployment(network_file)
        asked = proposals.signed(rpc.connect(rpc_url), deployment, asked, account_from(key_file))
        asked.save(proposal)
        _say(asked, deployment, rpc_url)


@council.command("submit")
def submit_proposal(proposal: ProposalFile, network_file: NetworkFile, rpc_url: NodeUrl) -> None:
    """Carry a proposal out that enough owners have signed."""
    with _failing_in_a_line():
        asked, deployment = proposals.load_proposal(proposal), proposals.load_deployment(network_file)
        receipt = proposals.carry_out(rpc.connect(rpc_url), deployment, asked)
        typer.echo(f"Done in block {receipt['blockNumber']}.")


def _say(asked: proposals.Proposal, deployment: Deployment, rpc_url: str) -> None:
    for line in proposals.told(rpc.connect(rpc_url), deployment, asked):
        typer.echo(line)


@contextmanager
def _failing_in_a_line() -> Iterator[None]:
    """What can go wrong is said in one line, with exit code 1."""
    try:
        yield
    except FORESEEN as error:
        typer.echo(f"optitrace: {error}", err=True)
        raise typer.Exit(1) from error


if __name__ == "__main__":
    app(prog_name="optitrace")

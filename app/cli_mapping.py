"""The commands `optitrace mapping …`: tables of grouped codes, from their publisher's form into a gateway's."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from app.chain import proposals, rpc
from app.domain.mapping import MappingTable
from app.formats import mapping_files
from app.formats.mapping_files import UnusableTable

mapping = typer.Typer(no_args_is_help=True, help="Tables that give an item's grouped code.")


@mapping.command("import")
def import_table(
    file: Annotated[Path, typer.Argument(help="CSV in UTF-8 with a header line.")],
    name: Annotated[str, typer.Option(help="Name and version, such as list/3.")],
    label: Annotated[str, typer.Option(help="Where the table comes from, for people.")],
    to: Annotated[Path, typer.Option(help="The file to write, for the folder of OPTITRACE_MAPPINGS_FOLDER.")],
    schema: Annotated[str, typer.Option(help="The schema of the items that it is about, as the protocol names it.")],
    valid_from: Annotated[
        str | None, typer.Option(help="First day of quotes that it is for (2027-01-31); left out: only where named.")
    ] = None,
) -> None:
    """Turn a CSV into a table that a gateway can hold, and print its name, root and number of rows."""
    with _failing_in_lines(file):
        table = mapping_files.imported(file.read_text(encoding="utf-8"), name, schema, label, valid_from)
        to.write_text(mapping_files.written(table), encoding="utf-8")
        to.chmod(0o644)
    _say(table)


@mapping.command("root")
def root(file: Annotated[Path, typer.Argument(help="A table as `import` writes it.")]) -> None:
    """Print name, root and number of rows of a table: who has the same root has the same table."""
    with _failing_in_lines(file):
        table = mapping_files.read(file.read_text(encoding="utf-8"))
    _say(table)


@mapping.command("propose")
def propose(
    file: Annotated[Path, typer.Argument(help="A table as `import` writes it.")],
    proposal: Annotated[Path, typer.Argument(help="The proposal to write.")],
    network_file: Annotated[Path, typer.Option(help="The network.json that gateways pin.")],
    rpc_url: Annotated[str, typer.Option("--rpc-url", help="JSON-RPC of a node of the chain.")],
) -> None:
    """Write a proposal that publishes a table's root; the council's owners sign it with `optitrace council sign`."""
    with _failing_in_lines(file):
        table = mapping_files.read(file.read_text(encoding="utf-8"))
    try:
        deployment, node = proposals.load_deployment(network_file), rpc.connect(rpc_url)
        asked = proposals.propose_table(node, deployment, table.name, table.root)
        asked.save(proposal)
        for line in proposals.told(node, deployment, asked):
            typer.echo(line)
    except (proposals.ProposalRefused, OSError) as error:
        typer.echo(f"optitrace: {error}", err=True)
        raise typer.Exit(1) from error


def _say(table: MappingTable) -> None:
    typer.echo(f"{table.name} 0x{table.root.hex()} {len(table.rows)}")


@contextmanager
def _failing_in_lines(file: Path) -> Iterator[None]:
    """What is wrong with a file is said in a line for each thing, with exit code 1."""
    try:
        yield
    except (OSError, UnicodeDecodeError, UnusableTable) as error:
        complaint = str(error) if isinstance(error, UnusableTable) else "it cannot be read as text in UTF-8"
        for line in complaint.splitlines():
            typer.echo(f"{file.name}: {line}", err=True)
        raise typer.Exit(1) from error

"""The commands `optitrace mapping …`, run as somebody types them."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from app.cli import app
from app.formats.mapping_files import packaged, written
from app.settings import Settings, UnsafeFile
from tests.chain.test_key_files import lay_out, values
from tests.formats.test_mapping_files import BEYOND, GOOD, HEAD


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["mapping", *map(str, arguments)])


def imported(folder: Path, text: str) -> Result:
    (folder / "list.csv").write_text(text, encoding="utf-8")
    told = ("--name", "list/3", "--schema", "optics.lens/1", "--label", "for tests", "--valid-from", "2027-01-01")
    return run("import", folder / "list.csv", *told, "--to", folder / "list-3.json")


def test_an_imported_table_has_the_root_that_the_file_gives_and_a_gateway_can_hold_it(tmp_path: Path) -> None:
    done = imported(tmp_path, "\n".join([HEAD, GOOD, BEYOND]))
    assert done.exit_code == 0, done.output
    name, root, rows = done.stdout.split()
    assert (name, len(root), rows) == ("list/3", 66, "2")
    assert run("root", tmp_path / "list-3.json").stdout == done.stdout
    settings = {name.lower(): str(value) for name, value in values(tmp_path).items()}
    held = Settings.model_validate(settings | {"mappings_folder": str(tmp_path)})
    assert held.mapping_files() == [(tmp_path / "list-3.json").read_text()]
    (tmp_path / "list-3.json").chmod(0o666)
    with pytest.raises(UnsafeFile, match=r"others than its owner may write list-3\.json"):
        held.mapping_files()


def test_the_root_of_the_sample_is_printed(tmp_path: Path) -> None:
    file = tmp_path / "sample-1.json"
    file.write_text(written(packaged().tables[0]))
    assert run("root", file).stdout == f"sample/1 0x{packaged().tables[0].root.hex()} 51\n"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("\n".join([HEAD, GOOD, GOOD]), "list.csv: line 3: the row could be meant together with an earlier one\n"),
        ("x", "list.csv: line 1: the columns are not exactly maker"),
    ],
)
def test_a_csv_that_is_no_table_is_refused_in_lines(tmp_path: Path, text: str, complaint: str) -> None:
    done = imported(tmp_path, text)
    assert done.exit_code == 1
    assert done.stderr.startswith(complaint)
    assert not (tmp_path / "list-3.json").exists()


@pytest.mark.parametrize("content", [None, b"\xff\xfe", b"[]"])
def test_a_file_that_is_no_table_is_refused_in_a_line(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "it").write_bytes(content)
    done = run("root", tmp_path / "it")
    assert done.exit_code == 1
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("it: ")


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("[]", "the file is no table in the format optitrace.mapping/1"),
        (written(packaged().tables[0]), "two mapping tables have the same name and version"),
    ],
)
def test_nothing_starts_with_a_table_that_cannot_be_used(tmp_path: Path, content: str, complaint: str) -> None:
    lay_out(tmp_path)
    (tmp_path / "mappings").mkdir()
    (tmp_path / "mappings/list.json").touch(mode=0o644)
    (tmp_path / "mappings/list.json").write_text(content)
    env = {f"OPTITRACE_{name}": str(value) for name, value in values(tmp_path).items()}
    env["OPTITRACE_MAPPINGS_FOLDER"] = str(tmp_path / "mappings")
    done = CliRunner().invoke(app, ["party", "key", "list", "--party", "1"], env=env)
    assert (done.exit_code, done.stderr) == (1, f"optitrace: {complaint}\n")

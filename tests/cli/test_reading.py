"""The commands that ask a gateway over HTTP, as one of its parties."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from app.cli import app
from app.services.api_keys import id_of
from app.store.registry import Role
from tests.gateway.sales import quoted_lens
from tests.hostile.house import House, house

SHOP, MAKER, AUDITOR = 1001001001, 2002002002, 4004004004
ROLES = {SHOP: Role.OPTICIAN, MAKER: Role.GLASSMAKER, AUDITOR: Role.AUDITOR}
Ask = Callable[..., Result]


@pytest.fixture(scope="module")
def hosted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A gateway for three parties; none of what is asked here depends on the kind of its database."""
    with house(f"sqlite:///{tmp_path_factory.mktemp('reading')}/gateway.db", ROLES) as found:
        yield found


@pytest.fixture
def run_file(hosted: House, tmp_path: Path) -> Path:
    """What a demonstration that runs leaves for other programs."""
    url = str(hosted.client.base_url)
    gateways = [
        {"role": role.label, "party": party, "url": url, "api_key": hosted.keys[party]} for party, role in ROLES.items()
    ]
    file = tmp_path / "run.json"
    file.write_text(json.dumps({"gateways": gateways, "pid": 1}))
    return file


@pytest.fixture
def ask(run_file: Path) -> Ask:
    """Runs `optitrace …` as a party of the demonstration."""

    def ask(*arguments: str, party: str = "optician") -> Result:
        return CliRunner().invoke(app, [*arguments, "--as", party, "--run-file", str(run_file)])

    return ask


@pytest.fixture
def key_file(hosted: House, tmp_path: Path) -> Path:
    file = tmp_path / "shop.key"
    file.touch(0o600)
    file.write_text(hosted.keys[SHOP] + "\n")
    return file


def said(result: Result, code: int = 1) -> str:
    """The one line in which a command failed."""
    assert (result.exit_code, result.stdout) == (code, "")
    assert result.stderr.startswith("optitrace: ")
    assert result.stderr.count("\n") == 1
    return result.stderr


def quoted(hosted: House, reference: str) -> dict[str, str]:
    (event,) = hosted.record(SHOP, quoted_lens(f"{reference}/OD", reference, glassmaker=MAKER))
    return event


def test_event_item_and_dossier_are_shown_as_the_api_shows_them(hosted: House, ask: Ask) -> None:
    event = quoted(hosted, "D1-shown")
    for kind, name in (("event", event["id"]), ("item", event["item"]), ("dossier", event["dossier"])):
        result = ask(kind, name)
        assert result.exit_code == 0, result.stderr
        assert json.loads(result.stdout) == hosted.send(SHOP, "GET", f"/v1/{kind}s/{name}").json()


def test_lists_show_every_entry_on_a_line_and_are_narrowed(
    hosted: House, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.client.PAGE", 2)
    made = {quoted(hosted, f"D-{number}")["dossier"] for number in range(5)}

    listed = [json.loads(line) for line in ask("dossiers").stdout.splitlines()]
    assert made <= {each["dossier"] for each in listed}
    assert len(listed) == len({each["dossier"] for each in listed})
    (one,) = ask("items", "--reference", "D-3/OD").stdout.splitlines()
    assert json.loads(one)["dossier_reference"] == "D-3"


def test_only_an_auditor_is_shown_the_ledger(hosted: House, ask: Ask) -> None:
    event = quoted(hosted, "D1-audit")
    (line,) = ask("events", "--dossier", event["dossier"], party="auditor").stdout.splitlines()
    assert json.loads(line)["kind"] == "quoted"
    assert "auditor" in said(ask("events"))


def test_the_values_that_a_party_holds_of_a_dossier_are_shown_to_it(hosted: House, ask: Ask) -> None:
    dossier = quoted(hosted, "D1-values")["dossier"]
    held = json.loads(ask("openings", dossier).stdout)
    assert {each["group"] for each in held["openings"]} == {"product", "supplements", "coding", "price"}
    assert json.loads(ask("openings", dossier, party="auditor").stdout)["openings"] == []


def test_an_optician_is_shown_who_looked_at_its_dossier(hosted: House, ask: Ask) -> None:
    dossier = quoted(hosted, "D1-looked")["dossier"]
    assert ask("dossier", dossier, party="auditor").exit_code == 0
    rows = [json.loads(line) for line in ask("access", "--subject", dossier).stdout.splitlines()]
    assert [(each["act"], each["fields"]) for each in rows if each["party"] == AUDITOR] == [
        ("read", ["cases", "steps", "verdict"])
    ]


def test_a_party_is_chosen_by_role_or_number_and_the_choice_is_told(hosted: House, ask: Ask, run_file: Path) -> None:
    item = quoted(hosted, "D1-chosen")["item"]
    for party in ("glassmaker", str(MAKER)):
        assert json.loads(ask("status", party=party).stdout)["waiting"] == 0
    assert (
        said(ask("item", item, party="nobody"))
        == "optitrace: choose a party with --as: optician, glassmaker, auditor\n"
    )
    assert said(CliRunner().invoke(app, ["status", "--run-file", str(run_file)])).startswith("optitrace: choose")


def test_another_gateway_is_named_with_a_key_that_its_owner_alone_may_read(hosted: House, key_file: Path) -> None:
    asked = ["status", "--gateway", str(hosted.client.base_url), "--key-file", str(key_file)]
    assert "works" in json.loads(CliRunner().invoke(app, asked).stdout)
    assert "--as" in said(CliRunner().invoke(app, [*asked, "--as", "optician"]))
    assert "go together" in said(CliRunner().invoke(app, asked[:3]))
    key_file.chmod(0o640)
    assert "chmod 600" in said(CliRunner().invoke(app, asked))
    key_file.chmod(0o600)
    key_file.write_text("0" * 64)
    assert "begins with ot_" in said(CliRunner().invoke(app, asked))


@pytest.mark.parametrize("url", ["gateway:8001", "ftp://gateway", "http://", "https://me@gateway", "http://a/?b=1"])
def test_an_address_that_is_none_is_refused_without_repeating_it(key_file: Path, url: str) -> None:
    line = said(CliRunner().invoke(app, ["status", "--gateway", url, "--key-file", str(key_file)]))
    assert line == "optitrace: write --gateway as https://HOST[:PORT]\n"


def test_a_key_is_not_sent_to_another_machine_in_clear(key_file: Path) -> None:
    line = said(CliRunner().invoke(app, ["status", "--gateway", "http://gateway.example", "--key-file", str(key_file)]))
    assert line.startswith("optitrace: an API key is not sent to another machine without TLS")


def test_a_gateway_that_refuses_is_quoted_and_one_that_is_away_is_named(
    hosted: House, ask: Ask, key_file: Path
) -> None:
    assert said(ask("item", "0" * 32)).endswith(". Check the identifier.\n")
    assert said(ask("item", "../status")).count("status") == 0
    away = ["status", "--gateway", "http://127.0.0.1:9", "--key-file", str(key_file)]
    assert (
        said(CliRunner().invoke(app, away))
        == "optitrace: the gateway at http://127.0.0.1:9 does not answer: ConnectionError\n"
    )
    key_file.write_text(f"ot_{'0' * 8}_{'0' * 64}")
    asked = ["status", "--gateway", str(hosted.client.base_url), "--key-file", str(key_file)]
    assert "API key" in said(CliRunner().invoke(app, asked))


@pytest.mark.parametrize("content", [None, "", "[]", '{"gateways": [{}]}'])
def test_a_demonstration_that_does_not_run_is_said(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "run.json"
    if content is not None:
        file.write_text(content)
    line = said(CliRunner().invoke(app, ["status", "--as", "optician", "--run-file", str(file)]))
    assert ("scripts/run" in line) is True


def test_the_way_to_a_demonstration_ignores_proxies_and_netrc(
    ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login somebody password else\n")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    assert ask("status").exit_code == 0


def test_a_party_tends_its_own_keys(hosted: House, ask: Ask) -> None:
    made = ask("party", "key", "create", "--label", "stock-screen-1", "--scope", "read", "--expires", "2199-01-31")
    key = made.stdout.strip()
    assert hosted.by(key, "GET", "/v1/status").status_code == 200
    rotated = ask("party", "key", "rotate", id_of(key), "--overlap", "0", "--expires", "600").stdout.strip()
    assert hosted.by(key, "GET", "/v1/status").status_code == 401
    assert hosted.by(rotated, "GET", "/v1/status").status_code == 200
    assert ask("party", "key", "revoke", id_of(key)).exit_code == 0
    (line,) = [line for line in ask("party", "key", "list").stdout.splitlines() if id_of(key) in line]
    assert " stock-screen-1 " in line
    assert " revoked " in line


def test_a_party_cannot_end_its_own_last_key(hosted: House, ask: Ask) -> None:
    assert "last active key" in said(ask("party", "key", "revoke", id_of(hosted.keys[AUDITOR]), party="auditor"))

"""`scripts/run`: a real chain, four real gateways, two sales, and what can go wrong around them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from socket import create_server

import httpx
import pytest

from app.client import Client, ClientFailed, Place
from tests.support.chain import connected
from tests.support.demonstration import Demo, once, staying, until

OPTITRACE = (sys.executable, str(Path(__file__).resolve().parents[2] / "scripts/optitrace"))
BOTH = ("glassmaker_and_reception", "optician_only")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with staying(tmp_path_factory.mktemp("demo") / "var") as running:
        yield running


def test_the_first_sale_is_conform(demo: Demo) -> None:
    sale = demo.document["sales"][0]
    assert (sale["ledger_verdict"], sale["claim_verdict"], sale["cases"]) == ("conform", "conform", [])
    assert {item["line"]: item["verdict"] for item in sale["items"]} == {
        "OD": "conform",
        "OG": "conform",
        "MONTURE": "conform",
    }
    levels = {item["line"]: item["assurance"]["level"] for item in sale["items"]}
    assert levels == {"OD": BOTH[0], "OG": BOTH[0], "MONTURE": BOTH[1]}


def test_the_first_sale_goes_all_the_way(demo: Demo) -> None:
    events = demo.document["sales"][0]["events"]
    lens = ["quoted", "ordered", "manufactured", "shipped", "received", "delivered"]
    for name, expected in (("OD", lens), ("OG", lens), ("MONTURE", ["quoted", "delivered"])):
        assert [event["kind"] for event in events if event["line"] == name] == expected
    assert [event["kind"] for event in events if event["line"] is None] == ["invoiced", "verified"]
    signers = {(event["kind"], event["role"]) for event in events}
    assert {role for kind, role in signers if kind in ("manufactured", "shipped")} == {"glassmaker"}
    assert ("verified", "insurer") in signers


def test_the_second_sale_is_found_out_by_the_ledger_and_by_opening(demo: Demo) -> None:
    sale = demo.document["sales"][1]
    assert (sale["ledger_verdict"], sale["claim_verdict"]) == ("non_conform", "non_conform")
    ledger = [case for case in sale["cases"] if case["found_by"] == "ledger"]
    for item in sale["items"]:
        assert item["verdict"] == "non_conform"
        assert {(case["code"], case["comparison"]) for case in ledger if case["item"] == item["item"]} == {
            ("PRODUCT_MISMATCH", "quoted = ordered"),
            ("PRODUCT_MISMATCH", "manufactured = invoiced"),
            ("CODING_MISMATCH", "manufactured = invoiced"),
        }
    opened = [case for case in sale["cases"] if case["found_by"] == "claim"]
    assert {case["code"] for case in opened} == {"CODING_MISMATCH"}
    assert {case["item"] for case in opened} == {item["item"] for item in sale["items"]}


def test_every_event_is_in_the_block_and_transaction_that_it_names(demo: Demo) -> None:
    chain = demo.document["chain"]
    events = [event for sale in demo.document["sales"] for event in sale["events"]]
    assert [event["sequence"] for event in events] == list(range(1, 31))
    with connected(chain["url"]) as node:
        assert node.eth.chain_id == chain["chain_id"]
        assert node.eth.get_block(0)["hash"].to_0x_hex() == chain["genesis"]
        for event in events:
            receipt = node.eth.get_transaction_receipt(event["transaction"])
            assert (receipt["blockNumber"], receipt["status"]) == (event["block"], 1)
            assert receipt["to"] == chain["contracts"]["ledger"]


def test_each_party_has_a_gateway_of_its_own_that_knows_no_other_key(demo: Demo) -> None:
    roles = [each["role"] for each in demo.document["gateways"]]
    assert roles == ["optician", "glassmaker", "insurer", "auditor"]
    assert len({each["url"] for each in demo.document["gateways"]}) == 4
    for role in roles:
        assert demo.get(role, "/docs").status_code == 200
        for key_of in roles:
            assert demo.get(role, "/v1/status", key_of).status_code == (200 if key_of == role else 401)
        databases = list((demo.folder / "gateways" / role).glob("*.db"))
        assert len(databases) == 1


def test_three_guests_are_served_by_the_gateway_of_their_role_each_with_its_own_key(demo: Demo) -> None:
    guests = demo.document["guests"]
    assert {guest["name"]: guest["role"] for guest in guests} == {
        "other_optician": "optician",
        "other_glassmaker": "glassmaker",
        "other_insurer": "insurer",
    }
    dossier = demo.document["sales"][0]["dossier"]
    for guest in guests:
        assert guest["url"] == demo.gateway(guest["role"])["url"]
        assert guest["party"] != demo.gateway(guest["role"])["party"]
        with Client(Place(guest["url"], guest["api_key"], local=True)) as client:
            assert client.get("/v1/status")["chain"]["trusted"]
            assert client.get("/v1/dossiers")["dossiers"] == []
            with pytest.raises(ClientFailed, match=r"^there is no such thing, or none that concerns you\."):
                client.get(f"/v1/dossiers/{dossier}")


def test_the_command_line_finds_the_demonstration_without_an_environment(demo: Demo, tmp_path: Path) -> None:
    sale = demo.document["sales"][0]

    def optitrace(*arguments: str) -> str:
        command = [*OPTITRACE, *arguments, "--run-file", str(demo.folder / "run.json")]
        done = subprocess.run(
            command, cwd=tmp_path, env={"PATH": os.defpath}, capture_output=True, text=True, check=True
        )
        return done.stdout

    shown = json.loads(optitrace("dossier", sale["dossier"], "--as", "insurer"))
    assert shown == demo.get("insurer", f"/v1/dossiers/{sale['dossier']}").json()
    sequences = [json.loads(line)["sequence"] for line in optitrace("events", "--as", "auditor").splitlines()]
    assert sequences == list(range(1, 31))


def test_keys_are_readable_by_their_owner_alone(demo: Demo) -> None:
    private = [demo.folder / "run.json", demo.folder / "state.json", *(demo.folder / "keys").iterdir()]
    assert len(private) == 2 + 3 + 4 * 4 + 3 * 2
    assert {file.stat().st_mode & 0o777 for file in private} == {0o600}
    run_file = json.loads((demo.folder / "run.json").read_text())
    for part in ("gateways", "guests"):
        assert run_file[part] == demo.document[part]


def test_no_value_of_a_record_reaches_a_log(demo: Demo) -> None:
    for log in (demo.folder / "logs").iterdir():
        text = log.read_text()
        for value in ("-3.25", "-325", "PRG16", "VRL-26-0004411", "PEC-551204", "LNR-A5-231-77120"):
            assert value not in text


def test_a_second_run_says_that_one_lives(demo: Demo) -> None:
    done = once(demo.folder)
    assert done.returncode == 1
    assert done.stderr.strip().splitlines()[-1].startswith("it runs already; ")
    assert done.stdout == ""


def test_a_taken_port_that_was_given_is_refused_before_anything_starts(tmp_path: Path) -> None:
    for option in ("--port", "--chain-port"):
        with closing(create_server(("127.0.0.1", 0))) as server:
            port = server.getsockname()[1]
            done = once(tmp_path / "other", option, str(port))
        assert done.returncode == 1
        assert done.stderr.splitlines() == [f"port {port} is not free; give {option} another one, or leave it out"]


def test_a_gateway_that_dies_is_named_and_works_again(demo: Demo) -> None:
    name = "the insurer's gateway"
    before = demo.pids()[name]
    assert before is not None
    os.kill(before, signal.SIGKILL)
    until(lambda: any(line.startswith(f"{name} ended (signal 9); it is started again") for line in demo.said))
    until(lambda: demo.pids()[name] not in (None, before))

    def answers() -> bool:
        try:
            return demo.get("insurer", "/readyz").status_code == 200
        except httpx.TransportError:
            return False

    until(answers)
    dossier = demo.document["sales"][0]["dossier"]
    assert demo.get("insurer", f"/v1/dossiers/{dossier}").json()["verdict"] == "conform"

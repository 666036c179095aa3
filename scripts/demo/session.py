"""One run of the demonstration: the chain, the contracts, four gateways and the sales, in this order."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path

import httpx
import requests
from web3 import Web3

from app.chain import rpc
from app.client import ClientFailed, Place
from app.scenario.form import ScenarioUnusable, read
from app.scenario.player import Player
from demo import anvil, report
from demo.client import Client
from demo.errors import Trouble, Unknown
from demo.layout import ROOT, Layout, write_json
from demo.play import Sale
from demo.ports import CHAIN_PORT, GATEWAY_PORT, HOST, choose
from demo.setup import check_chain, create_api_keys, environment, register_gateways, set_up
from demo.state import RESET, Party, State, load
from demo.supervisor import Child, Supervisor

SALES = (ROOT / "examples/progressive-pair-and-frame.json", ROOT / "examples/single-vision-as-progressive.json")
_START_SECONDS = 90.0
_DOUBT_SECONDS = 30.0
_SETTLE_SECONDS = 0.5
_STATE_SECONDS = 30
# Kept, because making one reads all certificates of the world; without connections, because gateways come and go.
_ASKING = httpx.Client(timeout=5.0, trust_env=False, limits=httpx.Limits(max_keepalive_connections=0))


class Session:
    """What runs in one folder. `say` takes sentences for the user."""

    def __init__(self, layout: Layout, say: Callable[[str], None]) -> None:
        self.layout = layout
        self.supervisor = Supervisor(say, self._write_run)
        self.chain_url = ""
        self.gateways: dict[str, str] = {}
        self._say = say
        self._state: State | None = None
        self._doubts: dict[str, float] = {}

    @property
    def state(self) -> State:
        """The state, once the chain is there."""
        if self._state is None:
            raise RuntimeError("asked for the state before it is known")
        return self._state

    def start(self, chain_port: int | None, gateway_port: int | None) -> None:
        """Bring up the chain and the gateways; set both up if the folder holds nothing yet."""
        known = load(self.layout)
        if known is None:
            # Left by a set-up that was broken off: without its state nobody can use it.
            self.layout.forget()
            self.layout.prepare()
        (port,) = choose("--chain-port", chain_port, CHAIN_PORT, 1)
        # Asked now, so that what was given is refused before anything starts, and again just before it is needed:
        # another program may have taken in between what was free.
        ports = partial(choose, "--port", gateway_port, GATEWAY_PORT, 4, frozenset({port}))
        ports()
        self._start_chain(port)
        node = rpc.connect(self.chain_url)
        try:
            self._wait_for_chain(node)
            if known is None:
                self._say("deploying the contracts, forming the council, admitting seven parties")
                self._state = set_up(node, self.layout)
                self.state.save(self.layout)
            else:
                self._state = known
                check_chain(node, known.deployment)
            self._start_gateways(node, ports)
        finally:
            rpc.disconnect(node)

    def play(self, files: Sequence[Path]) -> None:
        """Play the scenarios in `files`, one after the other, and remember each as a sale."""
        try:
            with ExitStack() as stack:
                players = {
                    party.name: stack.enter_context(closing(self._player(party))) for party in self.state.everyone
                }
                for file in files:
                    scenario = read(file)
                    self.state.plays += 1
                    self.state.save(self.layout)
                    sale = Sale(scenario, self.state.plays, players, lambda text: self._say(f"  {text}"))
                    self._say(f"playing {scenario.name.lower()}, dossier {sale.reference}")
                    self.state.sales.append(sale.run())
                    self.state.save(self.layout)
        except (ClientFailed, ScenarioUnusable) as failure:
            raise Trouble(str(failure)) from failure

    def document(self) -> report.Json:
        """All there is to know about this run."""
        return report.document(self.state, self.chain_url, self.gateways)

    def watch_trust(self) -> None:
        """Say so, once, of a gateway that has not trusted the chain for a while: a short doubt heals by itself."""
        now = time.monotonic()
        for party in self.state.parties:
            chain = self._chain_as_seen_by(party)
            if chain is None or chain["trusted"] or not chain["reachable"]:
                self._doubts.pop(party.role, None)
            elif now - self._doubts.setdefault(party.role, now) > _DOUBT_SECONDS:
                self._doubts[party.role] = float("inf")
                self._say(f"the {party.role}'s gateway does not trust the chain: {chain['detail']}; {RESET}")

    def _start_chain(self, port: int) -> None:
        self._say(f"starting the chain on port {port}")
        self.chain_url = f"http://{HOST}:{port}"
        command = anvil.command(port, block_seconds=1)
        # The states of past blocks serve nobody, and copying them makes every block slower than the one before.
        command += ["--prune-history", "--quiet"]
        command += ["--state", str(self.layout.chain), "--state-interval", str(_STATE_SECONDS)]
        log, state = self.layout.log("chain"), self.layout.chain
        chain = Child("the chain", command, dict(os.environ), log, signal.SIGINT, partial(anvil.mend, state))
        self.supervisor.start(chain)

    def _wait_for_chain(self, node: Web3) -> None:
        deadline = time.monotonic() + _START_SECONDS
        # One that finds its port taken in the last moment ends at once; who answers then is somebody else's.
        settled = time.monotonic() + _SETTLE_SECONDS
        while True:
            self._give_up_if("the chain", deadline)
            try:
                node.eth.block_number  # noqa: B018 - asking is the point
            except (requests.RequestException, ValueError):
                settled = time.monotonic() + _SETTLE_SECONDS
            if time.monotonic() > settled:
                return
            time.sleep(0.1)

    def _start_gateways(self, node: Web3, choosing: Callable[[], Sequence[int]]) -> None:
        parties = self.state.parties
        self._say("preparing four gateways")
        create_api_keys(self.layout, self.state.everyone, self.chain_url)
        self.state.save(self.layout)
        ports = choosing()
        self.gateways |= {party.role: f"http://{HOST}:{port}" for party, port in zip(parties, ports, strict=True)}
        register_gateways(node, self.layout, self.state, self.gateways)
        allowed = [f"{HOST}:{port}" for port in ports]
        for party, port in zip(parties, ports, strict=True):
            self.supervisor.start(
                Child(
                    f"the {party.role}'s gateway",
                    [sys.executable, "-m", "app.main"],
                    environment(self.layout, party, self.chain_url, port, allowed),
                    self.layout.log(party.role),
                )
            )
        self._write_run()
        self._say(f"starting four gateways on ports {', '.join(map(str, ports))}")
        for party in parties:
            self._wait_for_gateway(node, party)

    def _wait_for_gateway(self, node: Web3, party: Party) -> None:
        """Wait until the gateway is ready; `Trouble` if the chain is shorter than it knows, or not the one it knows."""
        deadline = time.monotonic() + _START_SECONDS
        doubt = time.monotonic() + _DOUBT_SECONDS
        url = self.gateways[party.role]
        while not _is_ready(url):
            self._give_up_if(f"the {party.role}'s gateway", deadline)
            chain = self._chain_as_seen_by(party)
            if chain and (chain["indexed_block"] or 0) > node.eth.block_number:
                raise Trouble(f"the chain is shorter than the {party.role}'s gateway knows; {RESET}")
            if chain and chain["reachable"] and not chain["trusted"] and time.monotonic() > doubt:
                raise Trouble(f"the {party.role}'s gateway does not trust the chain: {chain['detail']}; {RESET}")
            time.sleep(0.2)
        try:
            with self._client(party) as client:
                client.status()
        except Unknown:
            raise Trouble(f"another program took {url} in the last moment; start again") from None

    def _chain_as_seen_by(self, party: Party) -> report.Json | None:
        """What the party's gateway says of the chain; None if it does not answer now."""
        try:
            with self._client(party) as client:
                found: report.Json = client.status(patient=False)["chain"]
                return found
        except Trouble:
            return None

    def _give_up_if(self, name: str, deadline: float) -> None:
        """Raise `Trouble` if the child `name` died, or is not there when the `deadline` has passed."""
        child = next(child for child in self.supervisor.children if child.name == name)
        if child.deaths > 0 or time.monotonic() > deadline:
            raise Trouble(f"{name} does not start; its log is {child.log}")

    def _client(self, party: Party) -> Client:
        if party.api_key is None:
            raise RuntimeError("asked for a client before there is an API key")
        return Client(party.role, party.number, self.gateways[party.role], party.api_key)

    def _player(self, party: Party) -> Player:
        if party.api_key is None:
            raise RuntimeError("asked for a player before there is an API key")
        return Player(party.name, party.number, Place(self.gateways[party.role], party.api_key, local=True))

    def _write_run(self) -> None:
        """Tell other programs of this user where everything is."""
        if self._state is None:
            return
        pids = {child.name: child.pid for child in self.supervisor.children}
        addresses = {key: value for key, value in self.document().items() if key != "sales"}
        write_json(self.layout.run, {**addresses, "pid": os.getpid(), "pids": pids})


def _is_ready(url: str) -> bool:
    try:
        return _ASKING.get(f"{url}/readyz").status_code == 200
    except httpx.TransportError:
        return False

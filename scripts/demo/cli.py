"""The command line of `scripts/run`."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from rich.console import Console

from demo import report
from demo.errors import Trouble
from demo.layout import ROOT, Layout
from demo.session import SALES, Session
from demo.state import alone

_TRUST_SECONDS = 5.0


class Stopped(Exception):
    """The user or the system asked for an end."""


def options(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the arguments."""
    parser = argparse.ArgumentParser(
        prog="run",
        description="Start a chain and four gateways, and play two sales through them. Ctrl-C ends it.",
    )
    parser.add_argument("--once", action="store_true", help="end when the sales are played")
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of tables")
    parser.add_argument(
        "--play",
        metavar="FILE",
        nargs="?",
        type=Path,
        const=SALES[0],
        help="play one more sale: the first of the examples, or the one in FILE",
    )
    parser.add_argument("--reset", action="store_true", help="forget chain, keys, databases and sales first")
    parser.add_argument("--dir", metavar="FOLDER", type=Path, default=ROOT / "var", help="where to keep all of it")
    parser.add_argument("--chain-port", metavar="PORT", type=int, help="of the chain; else the first free from 8545")
    parser.add_argument("--port", metavar="PORT", type=int, help="of the first gateway; else the first free from 8001")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str]) -> int:
    """Run the demonstration; 0 unless something was in the way."""
    chosen = options(arguments)
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, _stop)
    layout = Layout(chosen.dir.resolve())
    try:
        layout.prepare()
        with alone(layout):
            if chosen.reset:
                say("forgetting chain, keys, databases and sales")
                layout.forget()
                layout.prepare()
            _run(chosen, layout)
    except Trouble as trouble:
        say(str(trouble))
        return 1
    except Stopped:
        say("stopped; what was recorded is kept")
    return 0


def say(text: str) -> None:
    """Tell the user how it goes, on standard error: standard output is for the result."""
    # In one piece: `print` writes the end of the line by itself, and Ctrl-C may come in between.
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def _run(chosen: argparse.Namespace, layout: Layout) -> None:
    session = Session(layout, say)
    try:
        with session.supervisor:
            session.start(chosen.chain_port, chosen.port)
            if chosen.play is not None:
                session.play([chosen.play.resolve()])
            else:
                session.play(SALES[len(session.state.sales) :])
            _tell(session, as_json=chosen.json)
            if not chosen.once:
                _stay(session)
    finally:
        layout.run.unlink(missing_ok=True)


def _tell(session: Session, *, as_json: bool) -> None:
    content = session.document()
    if as_json:
        print(json.dumps(content, indent=2, ensure_ascii=False), flush=True)
    else:
        report.show(content, Console(highlight=False))


def _stay(session: Session) -> None:
    say(f"the parties' API keys are in {session.layout.run}; Ctrl-C ends it")
    while True:
        time.sleep(_TRUST_SECONDS)
        session.watch_trust()


def _stop(_number: int, _frame: FrameType | None) -> None:
    # The end takes a few seconds, in which the chain writes its state: a second Ctrl-C must not cut it short.
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_IGN)
    raise Stopped

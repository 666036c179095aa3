"""Keeps the chain and the gateways running: starts them, starts again and names what died, ends them in order."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from demo import guard
from demo.errors import Trouble
from demo.layout import ROOT

_POLL_SECONDS = 0.25
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 30.0
_STABLE_SECONDS = 60.0
_PATIENCE_SECONDS = 20.0


@dataclass(slots=True)
class Child:
    """
    One process: its name in sentences, its command, and the signal that ends it cleanly.

    `prepare` is called before each start. It may raise `Trouble`: then the child is not started again.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    end_signal: signal.Signals = signal.SIGTERM
    prepare: Callable[[], None] = lambda: None
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    deaths: int = 0
    pause: float = field(default=_FIRST_PAUSE)

    @property
    def pid(self) -> int | None:
        """Its process id; None if it is not running."""
        return None if self.process is None else self.process.pid


class Supervisor:
    """
    The children, in the order they were started; they end in the opposite one.

    `say` takes sentences for the user, `changed` is called when a process id has changed.
    """

    def __init__(self, say: Callable[[str], None], changed: Callable[[], None]) -> None:
        self.children: list[Child] = []
        self._say = say
        self._changed = changed
        self._ending = threading.Event()
        self._lock = threading.Lock()
        self._watcher = threading.Thread(target=self._watch, name="supervisor", daemon=True)
        self._guard = subprocess.Popen(
            [sys.executable, guard.__file__], stdin=subprocess.PIPE, text=True, start_new_session=True
        )

    def __enter__(self) -> Self:
        self._watcher.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ending.set()
        self._watcher.join()
        with self._lock:
            for child in reversed(self.children):
                self._end(child)
        with suppress(BrokenPipeError):
            self._guard_input().close()
        self._guard.wait(timeout=_PATIENCE_SECONDS)

    def start(self, child: Child) -> None:
        """Start `child` and look after it from now on."""
        with self._lock:
            self.children.append(child)
            self._launch(child)

    def _launch(self, child: Child) -> None:
        child.prepare()
        child.log.parent.mkdir(parents=True, exist_ok=True)
        with child.log.open("ab") as log:
            # In a session of its own, so that Ctrl-C reaches the supervisor alone and the order of ending is kept.
            child.process = subprocess.Popen(
                list(child.command),
                cwd=ROOT,
                env=dict(child.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        child.started = time.monotonic()
        self._tell_guard(f"+{child.process.pid} {int(child.end_signal)}")

    def _watch(self) -> None:
        while not self._ending.wait(_POLL_SECONDS):
            with self._lock:
                died = [
                    child for child in self.children if child.process is not None and child.process.poll() is not None
                ]
                for child in died:
                    self._bury(child)
                due = [child for child in self.children if child.process is None and time.monotonic() >= child.started]
                for child in due:
                    self._launch_again(child)
            if died or due:
                self._changed()

    def _launch_again(self, child: Child) -> None:
        try:
            self._launch(child)
        except Trouble as trouble:
            self._say(str(trouble))
            child.started = float("inf")

    def _bury(self, child: Child) -> None:
        """Name a child that died and set the moment (`started`) when it is started again."""
        if child.process is None:
            return
        if time.monotonic() - child.started > _STABLE_SECONDS:
            child.pause = _FIRST_PAUSE
        self._tell_guard(f"-{child.process.pid}")
        self._say(
            f"{child.name} ended ({_how(child.process.returncode)}); it is started again in {child.pause:.0f} s; "
            f"its log is {child.log}"
        )
        child.process = None
        child.deaths += 1
        child.started = time.monotonic() + child.pause
        child.pause = min(child.pause * 2, _LONGEST_PAUSE)

    def _end(self, child: Child) -> None:
        if child.process is None:
            return
        child.process.send_signal(child.end_signal)
        try:
            child.process.wait(timeout=_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self._say(f"{child.name} did not end in {_PATIENCE_SECONDS:.0f} s and was killed")
            child.process.kill()
            child.process.wait()
        self._tell_guard(f"-{child.process.pid}")
        child.process = None

    def _tell_guard(self, line: str) -> None:
        guard_input = self._guard_input()
        # Without a guard the children still have to be ended here.
        with suppress(BrokenPipeError):
            guard_input.write(line + "\n")
            guard_input.flush()

    def _guard_input(self) -> IO[str]:
        if self._guard.stdin is None:
            raise RuntimeError("the guard was started without a pipe")
        return self._guard.stdin


def _how(status: int) -> str:
    return f"signal {-status}" if status < 0 else f"exit status {status}"

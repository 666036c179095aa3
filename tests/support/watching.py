"""What a process writes to a disk while it runs, however short it lies there and even if it has no name."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

_PAUSE_SECONDS = 0.002


@dataclass
class Seen:
    """Every state of every file that was seen, by its name; what has none is called by where it was."""

    folders: Sequence[Path]
    contents: dict[tuple[str, int, int], bytes] = field(default_factory=dict)

    def look(self, process: int) -> None:
        """Read what lies in the folders, and what the process and those that it started have open there."""
        # Unlike `Path.rglob`, it goes on with the others where a folder vanishes meanwhile.
        for place, _, names in (each for folder in self.folders for each in os.walk(folder)):
            for name in names:
                self._read(Path(place, name), f"{place}/{name}")
        for number in (process, *_children(process)):
            with suppress(OSError):
                for descriptor in Path(f"/proc/{number}/fd").iterdir():
                    with suppress(OSError):
                        name = os.readlink(descriptor)
                        if any(name.startswith(str(folder)) for folder in self.folders):
                            self._read(descriptor, name)

    def _read(self, file: Path, name: str) -> None:
        with suppress(OSError):
            about = file.stat()
            known = (name, about.st_size, about.st_mtime_ns)
            if file.is_file() and known not in self.contents:
                self.contents[known] = file.read_bytes()


def _children(process: int) -> Iterator[int]:
    with suppress(OSError):
        for task in Path(f"/proc/{process}/task").iterdir():
            for number in (task / "children").read_text().split():
                yield int(number)
                yield from _children(int(number))


@contextmanager
def watching(process: int, *folders: Path) -> Iterator[Seen]:
    """Look at these folders until the block is left, as often as there is time for."""
    seen, end = Seen(folders), threading.Event()

    def look() -> None:
        while not end.wait(_PAUSE_SECONDS):
            seen.look(process)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        end.set()
        thread.join()
        seen.look(process)

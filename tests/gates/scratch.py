"""A scratch copy of the tree, into which a fault is put and a gate is started."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import static_analysis

ROOT = Path(__file__).resolve().parents[2]
# What tools remember, so that a gate looks only at what the fault changed.
MEMORIES = (".mypy_cache", ".ruff_cache", ".import_linter_cache")
# Contracts without an import of the ledger: compiling it takes a minute, and a failing test needs none of it.
_FORGE = """
import sys
from pathlib import Path
import bootstrap, forge_test
from installer import Environment
here = Path.cwd()
bootstrap.ensure = lambda: Environment(here, Path(sys.executable), Path(sys.argv[1]))
sys.exit(forge_test.main([]))
"""


_STATIC = _FORGE.replace("forge_test.main([])", "static_analysis.main(sys.argv[2:])").replace(
    "forge_test", "static_analysis"
)


@dataclass(frozen=True)
class Scratch:
    """The copy: a repository of its own without an environment, so that no script can install into ours."""

    folder: Path

    def checks(self, *names: str) -> subprocess.CompletedProcess[str]:
        """Run the named checks of scripts/check."""
        return self._run([sys.executable, "scripts/suite.py", "--only", "check", *names])

    def supply(self, *names: str) -> subprocess.CompletedProcess[str]:
        """Run the named checks of what is installed."""
        return self._run([sys.executable, "scripts/suite.py", "--only", "supply", *names])

    def pytest(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run pytest as scripts/test does, but in one process."""
        alone = ["-q", "--numprocesses=0", *arguments]
        return self._run([sys.executable, "scripts/suite.py", "--only", "pytest", *alone])

    def contracts(self) -> subprocess.CompletedProcess[str]:
        """Run the contract tests of contracts/test/gate with the project's compiler."""
        narrowed = {
            "FOUNDRY_SRC": "contracts/libraries",
            "FOUNDRY_TEST": "contracts/test/gate",
            "PYTHONPATH": str(self.folder / "scripts"),
        }
        return self._run([sys.executable, "-c", _FORGE, shutil.which("node") or "node"], narrowed)

    def static(self, program: str) -> subprocess.CompletedProcess[str]:
        """Run slither or halmos, in the environment that the tree itself has for them."""
        environment, place = static_analysis.installed().parent, self.folder / "var/static"
        if not place.exists():
            place.mkdir(parents=True)
            (place / "venv").symlink_to(environment)
            shutil.copy(environment.parent / "stamp", place / "stamp")
        more = {"PYTHONPATH": str(self.folder / "scripts")}
        return self._run([sys.executable, "-c", _STATIC, shutil.which("node") or "node", program], more)

    @contextmanager
    def fault(self, name: str, text: str) -> Iterator[None]:
        """Write a file that is wrong, or append to one that is there; it is right again afterwards."""
        file = self.folder / name
        before = file.read_text("utf-8") if file.exists() else None
        file.write_text((before or "") + text, "utf-8")
        try:
            yield
        finally:
            if before is None:
                file.unlink()
            else:
                file.write_text(before, "utf-8")

    @contextmanager
    def without(self, *names: str) -> Iterator[None]:
        """Leave files out for a while."""
        kept = {name: (self.folder / name).read_text("utf-8") for name in names}
        for name in names:
            (self.folder / name).unlink()
        try:
            yield
        finally:
            for name, text in kept.items():
                (self.folder / name).write_text(text, "utf-8")

    def _run(self, command: list[str], more: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        env = {**os.environ, "PYTHONPATH": str(self.folder), "PYTHONDONTWRITEBYTECODE": "1", **(more or {})}
        return subprocess.run(command, cwd=self.folder, env=env, capture_output=True, text=True, check=False)


def copied(folder: Path, *only: str) -> Scratch:
    """Copy what is committed, or of it `only` the named files and folders."""
    archive = subprocess.run(["git", "archive", "HEAD", "--", *only], cwd=ROOT, stdout=subprocess.PIPE, check=True)
    subprocess.run(["tar", "-x", "-C", str(folder)], input=archive.stdout, check=True)
    for name in MEMORIES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name)
    (folder / "node_modules").symlink_to(ROOT / "node_modules")
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    subprocess.run(["git", "add", "--all"], cwd=folder, check=True)
    return Scratch(folder)

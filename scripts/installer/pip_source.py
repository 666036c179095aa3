"""
Find a pip for a virtual environment that has none.

Most Pythons bring one along (ensurepip). Debian's and Ubuntu's do not: there it is a package that only root
can install. But anyone can download that package with the system's own client, which checks its signature,
and unpack it anywhere; the wheel of pip inside runs as it is. So no address stands here, and no hash that
grows old.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from installer.commands import LOG, Installer
from installer.errors import SetupFailed

SYSTEM_WHEELS = Path("/usr/share/python-wheels")
DEBIAN_PACKAGE = "python3-pip-whl"


def pip_for(python: Path, base: Path, installer: Installer) -> list[str | Path]:
    """Give the command that is pip for the environment of `python`, which was made with `base`."""
    own: list[str | Path] = [python, "-m", "pip"]
    if installer.succeeds([*own, "--version"]):
        return own
    if installer.succeeds([python, "-m", "ensurepip"]):
        return own
    borrowed: list[str | Path] = [base, "-m", "pip", "--python", python]
    if installer.succeeds([*borrowed, "--version"]):
        return borrowed
    wheel = _newest_wheel(SYSTEM_WHEELS) or debian_wheel(installer)
    if wheel is None:
        raise SetupFailed(
            "this Python has no pip, and none could be downloaded; check the network, or install your "
            f"system's package of pip or venv; the whole story is in {LOG}"
        )
    return [python, wheel / "pip"]


def _newest_wheel(folder: Path) -> Path | None:
    """Find pip's wheel in `folder`; a wheel is an archive that Python can run from."""
    wheels = sorted(folder.glob("pip-*.whl"))
    return wheels[-1] if wheels else None


def debian_wheel(installer: Installer) -> Path | None:
    """Download Debian's package of pip's wheel without root, and unpack it; None where this is no Debian."""
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        return None
    folder = installer.root / "var/cache/apt"
    shutil.rmtree(folder, ignore_errors=True)
    for name in ("lists/partial", "archives/partial"):
        (folder / name).mkdir(parents=True)
    download = ["download", DEBIAN_PACKAGE]
    # Relative to the folder it runs in: apt does not take a path with spaces.
    private = ["-o", "Dir::State::Lists=./lists", "-o", "Dir::Cache=./"]
    if not installer.succeeds(["apt-get", *download], folder):
        # A new machine may have no lists of packages, and only root may write them: fetch some of our own.
        installer.succeeds(["apt-get", *private, "update"], folder)
        installer.succeeds(["apt-get", *private, *download], folder)
    for package in folder.glob(f"{DEBIAN_PACKAGE}_*.deb"):
        installer.succeeds(["dpkg-deb", "-x", package, folder / "unpacked"])
    return _newest_wheel(folder / "unpacked" / SYSTEM_WHEELS.relative_to("/"))

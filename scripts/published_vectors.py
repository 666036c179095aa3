"""Write all of `tests/vectors`: what a second implementation must reproduce. Tests hold the committed files to it."""

from __future__ import annotations

import sys

import commitment_vectors
import history_vectors

if __name__ == "__main__":
    for made in (commitment_vectors, history_vectors):
        made.FILE.write_text(made.text(), encoding="utf-8")
        print(f"wrote {made.FILE.relative_to(made.ROOT)}", file=sys.stderr)

"""
Makes an API key in the database of each gateway that it is told of, and prints it; the databases are made by that too.

In a process of its own, because nothing of a gateway's environment is inherited from who starts the demonstration, and
in one for all of them, because what takes long is that one begins.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import closing

from app.services.api_keys import create_api_key
from app.settings import Settings
from app.starting import CANNOT_START, ground_of, reason


def main() -> None:
    """Read the parties' numbers and the environments of their gateways, one JSON object a line."""
    for line in sys.stdin:
        asked = json.loads(line)
        os.environ.clear()
        os.environ.update(asked["environment"])
        try:
            ground = ground_of(Settings.from_environment())
        except CANNOT_START as error:
            sys.exit(reason(error))
        with closing(ground.database):
            print(create_api_key(ground, asked["party"]), flush=True)


if __name__ == "__main__":
    main()

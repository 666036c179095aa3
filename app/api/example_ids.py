"""Parties and identifiers of the documentation's examples, and of nothing else."""

from typing import Final

OPTICIAN: Final = 1234567890
GLASSMAKER: Final = 987654321
INSURER: Final = 555000111
ITEM: Final = "499602d2a1b2c3d4e5f60718293a4b5c"
OTHER_ITEM: Final = "499602d2" + "b1" * 12
DOSSIER: Final = "499602d2000102030405060708090a0b"
EVENT: Final = "6f1c2a9e5d0b4c7786a3f2e1d0c9b8a7"
PACKAGE: Final = "c0ffee00112233445566778899aabbcc"

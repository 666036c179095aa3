"""The chain: the only part that knows web3, contract bytecode and gas."""

import importlib
import os
import sys

# The one of its backends that is compiled whole; the other takes six times as long, of each address that is read.
os.environ.setdefault("ETH_HASH_BACKEND", "pysha3")
# py_ecc, which comes with eth-account, raises the interpreter's limit of recursion to 100,000 for everybody, which is
# deeper than a stack: whatever recurses over what came from outside would end the process instead of raising.
_LIMIT = sys.getrecursionlimit()
importlib.import_module("eth_account")
sys.setrecursionlimit(_LIMIT)

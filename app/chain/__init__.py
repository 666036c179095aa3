"""The chain: the only part that knows web3, contract bytecode and gas."""

"""What a gateway and its tools are made of: that it is locked, listed, licensed, and not known to be broken."""

"""How packages travel between gateways: sealed, signed, and to public addresses only."""

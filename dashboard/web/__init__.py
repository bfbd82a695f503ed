"""The server: how it listens, where a visit begins, and what other programs may ask."""

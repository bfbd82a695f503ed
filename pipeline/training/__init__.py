"""How the encoder learns from pairs of views, in one process or several."""

"""The map of all galaxies: what it draws, in which colours, and what is chosen on it."""

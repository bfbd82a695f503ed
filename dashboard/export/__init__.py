"""Galaxies to take away: files in several formats that say where they are from."""

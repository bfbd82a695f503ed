"""Panels that show what was found."""

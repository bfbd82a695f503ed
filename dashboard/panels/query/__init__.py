"""Panels that say what is searched for."""

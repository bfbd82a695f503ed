"""Serves atlases: a Dash app that answers "what else in the sky looks like this?"."""

"""Positions on the sky as people write them, angles between them, and what a survey covers."""

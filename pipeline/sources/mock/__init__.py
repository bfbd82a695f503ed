"""A survey that nobody observed: galaxies that are drawn, exposed and measured here."""

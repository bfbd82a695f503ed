"""Which galaxies are wanted: by their values, and by their place on the map."""

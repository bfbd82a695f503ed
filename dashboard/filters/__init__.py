"""Which galaxies are wanted: by their values, and by their place on the map."""


class FilterError(ValueError):
    """A filter that cannot be; the message says why, for the person who asked."""

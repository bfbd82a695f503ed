"""The tables of the page: what is in their rows and columns."""

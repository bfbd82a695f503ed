"""What frames the panels: header, hints and the address of the page."""

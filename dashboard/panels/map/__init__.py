"""The panel of the map, and what stands around it."""

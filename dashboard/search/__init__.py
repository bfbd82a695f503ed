"""From what people type, paste or bring in a file to the galaxies that they mean."""

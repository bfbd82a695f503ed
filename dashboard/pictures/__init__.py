"""Pictures of galaxies: where they are had, and those that people bring."""

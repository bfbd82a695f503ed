"""What stages leave for each other: the cutouts, the folders, and exact search over them."""

"""The page that says how similarity is made, how good it is and where it ends."""

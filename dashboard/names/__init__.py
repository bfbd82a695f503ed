"""What galaxies are called: in the atlas, in NGC, IC and Messier, and by Sesame."""

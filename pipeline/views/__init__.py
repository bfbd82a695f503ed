"""What the encoder sees of a cutout, and the nuisances by which two views of one differ."""

"""A folder of pictures or FITS images with a catalogue beside them."""

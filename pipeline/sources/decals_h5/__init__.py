"""The published DR9 cutouts of the Legacy Surveys, in HDF5 files."""

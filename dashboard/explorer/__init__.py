"""Answers what people ask of one open atlas: numpy in, numpy out."""

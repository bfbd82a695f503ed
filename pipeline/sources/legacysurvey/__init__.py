"""Cutouts that the Legacy Surveys' viewer makes, fetched politely and never twice."""

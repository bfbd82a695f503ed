"""The steps from a survey to an atlas, and which of them are up to date."""

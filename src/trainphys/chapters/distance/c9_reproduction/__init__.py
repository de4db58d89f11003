"""Reproduction: the search for the report's configuration."""

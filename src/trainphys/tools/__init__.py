"""Measurements and choices for models of your own."""

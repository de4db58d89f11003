"""Cooling."""

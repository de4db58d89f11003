"""A6 stabilisation."""

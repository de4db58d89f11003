"""Stacks of Linear layers and losses whose derivatives are written out: what makes the other tools fast."""

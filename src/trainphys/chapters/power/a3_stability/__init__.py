"""A3: which steps, momenta and systems are stable."""

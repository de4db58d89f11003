"""Chapter C1, experimental setup: no code of its own. See xor/ and the shared forensics.py and replicates.py."""

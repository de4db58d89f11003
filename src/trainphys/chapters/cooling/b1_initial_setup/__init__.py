"""Chapter B1, initial setup: no code of its own.

See simulate/langevin.py, simulate/minibatch_sgd.py, laws/temperature.py and the shared units.py.
"""

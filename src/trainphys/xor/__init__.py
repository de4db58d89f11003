"""Document C's own experiment: XOR on three parameters, its runs, and the exact laws about them.

Runs: ``landscape``, ``starts``, ``trajectories``, ``epoch_counts``, ``run_records``, ``configurations``,
``convergence``. Laws:
``basins``, ``guarantee``, ``staircase``, ``equivalences``, ``mean_distances``.
"""

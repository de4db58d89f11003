"""How to cool: learning-rate schedules for PyTorch."""

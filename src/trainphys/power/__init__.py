"""Power against time: what batch size costs and what it buys."""

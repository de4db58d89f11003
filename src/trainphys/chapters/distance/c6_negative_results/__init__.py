"""What was not found: whether the search could have seen it."""

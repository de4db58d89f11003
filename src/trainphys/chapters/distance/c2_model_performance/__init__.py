"""Model performance: the table of scores and other readings of its rows."""

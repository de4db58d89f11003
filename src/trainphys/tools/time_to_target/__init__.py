"""How long to go? Forecasts from the history of the loss."""

"""B6 estimators and adaptation."""

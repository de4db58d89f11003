"""Statistical details: bootstrap, folds, features."""

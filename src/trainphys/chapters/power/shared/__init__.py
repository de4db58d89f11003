"""What chapters of document A share; A7, the practical curve, has no room of its own and lives on it."""

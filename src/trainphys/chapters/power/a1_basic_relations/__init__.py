"""A1 basic relations."""

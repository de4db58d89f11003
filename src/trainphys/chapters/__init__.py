"""What the chapters of the book measure and tabulate: nothing here is for use elsewhere."""

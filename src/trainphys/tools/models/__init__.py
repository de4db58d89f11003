"""A model, its loss and its data, in the forms in which people hold them."""

"""How the book is made. A chapter needs four of its words: ``Claim``, ``figure``, ``glue`` and ``palette``."""

from trainphys.book.claims import Claim
from trainphys.book.figures import figure, palette
from trainphys.book.numbers import glue

__all__ = ["Claim", "figure", "glue", "palette"]

"""``python -m trainphys.book``."""

import sys

from trainphys.extras import cure

try:
    from trainphys.book.commands import main
except ModuleNotFoundError as error:
    sys.exit(cure(error, "trainphys.book"))

if __name__ == "__main__":
    main(prog_name="python -m trainphys.book")

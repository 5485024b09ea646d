"""``python -m antechamber``: the same as the ``antechamber`` command."""

import sys

from antechamber.cli.main import main

if __name__ == "__main__":
    sys.exit(main())

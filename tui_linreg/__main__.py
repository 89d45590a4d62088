"""`python -m tui_linreg` is the command `tui-linreg`."""

import sys

from tui_linreg.cli.main import main

sys.exit(main())

"""`python -m gemini_live_interrupt`: the demo, the emulator, the traces, the doctor and the probe."""

import sys

from ._cli import main

if __name__ == "__main__":
    sys.exit(main())

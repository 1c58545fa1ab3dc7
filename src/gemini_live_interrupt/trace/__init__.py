"""What became of each interruption, written down: as lines of JSON, or as OpenTelemetry's spans and metrics.

Both are given to `enable_interrupt_resume(on_interruption=...)`; what people said is left out unless it is asked for.
"""

from ._json_lines import JsonLines
from ._reading import read_trace
from ._telemetry import Telemetry

__all__ = ["JsonLines", "Telemetry", "read_trace"]

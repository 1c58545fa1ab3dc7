"""Says what keeps the library from working here: `python -m gemini_live_interrupt doctor`."""

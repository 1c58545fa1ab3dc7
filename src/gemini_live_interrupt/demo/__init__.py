"""The demo: a story, an interruption in its third sentence, and how it goes on without and with the library.

`python -m gemini_live_interrupt demo`. Both conversations run in processes of their own, because the library is
switched on for a whole process; this package shows them, and judges what the listener has missed.
"""

"""The library beside others that patch google-genai or wrap its sessions: `nox -f tests/frameworks/noxfile.py`.

Each is installed in an environment of its own, so none of this is collected by `python -m pytest`.
"""

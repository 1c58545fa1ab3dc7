"""The library under real frameworks and beside real co-patchers: `nox -f tests/frameworks/noxfile.py`.

Each is installed in an environment of its own, so none of this is collected by `python -m pytest`.
"""

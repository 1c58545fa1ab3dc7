"""How a framework's played position reaches `report_played`. docs/frameworks.md shows these files as they are."""

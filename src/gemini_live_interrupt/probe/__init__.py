"""Finds out what the service really does, by experiments that anybody with a key can run."""

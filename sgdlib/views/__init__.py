"""Runs, seen one way or another, as panels of a scene."""

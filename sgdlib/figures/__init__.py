"""Runs and views put together: what an author makes and saves."""

"""Data, problems and training: everything up to the record of a run."""

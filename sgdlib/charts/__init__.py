"""Pictures that know no run."""

"""What a run's record says of itself, in words and as tables of numbers."""

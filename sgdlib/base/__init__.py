"""What all else is made with: checks, files, frozen values, number formats. It knows nothing of training."""

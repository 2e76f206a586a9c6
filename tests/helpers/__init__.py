"""What more than one file of tests needs; no test imports another."""

"""What modtui means, in the standard library alone."""

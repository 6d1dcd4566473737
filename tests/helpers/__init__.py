"""What several rooms of tests make and ask for."""

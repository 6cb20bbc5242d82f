"""What is told to whom, and the queueing of it."""

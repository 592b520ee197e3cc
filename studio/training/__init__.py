"""What a training step sees, and the loop around it."""

"""What a button or a command does: no widgets, no tensors."""

"""What it takes to act on a branch, to look, to commit and to undo, beside what else could take changes back."""

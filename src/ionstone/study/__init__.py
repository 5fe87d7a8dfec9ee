"""What is done with cells: in cars, side by side, and held against what is known."""

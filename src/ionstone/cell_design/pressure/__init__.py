"""The pressure on a stack: how its layers breathe, how they yield, and what holds them."""

"""A cell in a car: drives, charges, the car under a controller, gradients of what a car gets."""

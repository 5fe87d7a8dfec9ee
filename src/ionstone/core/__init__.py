"""Core: constants, quantities with units, errors, the frozen config base. Knows no other room."""

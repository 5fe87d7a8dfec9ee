"""Cell models: the laws of the cell and the forms (P2D, SPMe, SPM) that compose them. Chemistry is data."""

"""Figures from named outputs with units: a chart is data, drawn by plotly (HTML) or matplotlib (SVG,
PNG)."""

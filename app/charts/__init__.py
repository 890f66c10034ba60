"""Charts of finished answers: descriptions in Vega-Lite, and their drawings."""

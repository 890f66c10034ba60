"""What the statistics stand on: estimates, pooling, regression, uncertainty, breaks. No I/O."""

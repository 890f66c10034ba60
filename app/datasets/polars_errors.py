"""What polars raises for a file that it cannot read."""

from polars.exceptions import PanicException, PolarsError

# A damaged Parquet file may end in a panic of polars' own code. That is no Exception, so whoever
# expects one, as a server does of its views, would never hear of it.
POLARS_ERRORS = (PolarsError, PanicException)

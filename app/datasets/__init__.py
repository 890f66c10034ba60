"""Files in: CSV, Parquet, prepared folders; and what is known of places, questions, strata."""

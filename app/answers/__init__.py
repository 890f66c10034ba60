"""The dataset in use: what is asked of it is computed, kept, and put into formats here."""

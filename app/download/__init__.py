"""`make data`: downloads CDC's current release."""

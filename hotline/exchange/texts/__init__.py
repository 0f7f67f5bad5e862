"""A text message: both ways, its receipts, the carrier's own keywords."""

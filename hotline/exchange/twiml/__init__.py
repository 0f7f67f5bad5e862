"""What a webhook's answer says: documents by content type, TwiML read strictly into verbs (all pure)."""

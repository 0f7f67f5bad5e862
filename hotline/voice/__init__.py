"""The call: a key pressed at a place -> a turn -> TwiML."""

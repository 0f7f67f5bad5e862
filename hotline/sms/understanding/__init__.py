"""What a text means: from what was typed to a Command. Pure, and of all languages at once."""

"""How it sounds: text to clips, clips to files, by synthesis or from a person's recordings."""

"""The doors: Twilio's REST API, the owner's control API, the telephone in the terminal."""

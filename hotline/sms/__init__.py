"""The text message: doors, what it means (understanding/), what is answered, letters and pages."""

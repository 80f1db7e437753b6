"""Keys with which other programs act as a person, through the API."""

"""What the API says and understands: problems, and records as JSON. Its addresses stand in crm/blueprints/api."""

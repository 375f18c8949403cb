"""The outbox: every record with how far it has come."""

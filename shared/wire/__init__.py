"""The exact forms of what travels: one strict marshmallow schema for each body. See ``docs/sync.md``."""

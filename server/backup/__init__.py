"""Backups of a running server, and how one becomes a server again. ``docs/backup.md`` is the administrator's page.

A backup is a folder, or the same in one tar: the database, the evidence, the server's keys, the settings that are no
secrets, and a manifest with the hash of every part and of the rows of every table. The manifest is written last.
"""

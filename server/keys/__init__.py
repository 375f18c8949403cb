"""The bureau's keys from the offline root to the running server: made, rotated, revoked, checked, installed.

The *safe* is a folder on a machine without a network: the root under a passphrase, and the book of what it signed. What
it hands out is *carried* to the server, which checks it and installs it in its own folder of keys.
"""

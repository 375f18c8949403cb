"""The records that this phone could not send, as a series of QR codes."""

"""What kind of network the phone is on."""

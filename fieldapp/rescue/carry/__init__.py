"""Taking over what another phone could not send, by its codes or by its file."""

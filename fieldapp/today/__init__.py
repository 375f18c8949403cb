"""Today: what is to be done, where one can go, what is not sent yet."""

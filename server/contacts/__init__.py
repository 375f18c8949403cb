"""How people can be reached, encrypted; and who reported something, sealed so that only a case group can read it."""

"""Personal data as a whole: what there is, how long it is kept, what a person may take along or have deleted."""

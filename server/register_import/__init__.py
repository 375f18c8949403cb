"""Taking in the register that a bureau kept in a spreadsheet: read, mapped, judged, taken in as one batch, undone."""

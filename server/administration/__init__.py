"""What administrators and supervisors did to accounts and phones, and who read personal data: each act a leaf."""

"""Mutation testing of the rule modules of ``shared/``: a rule that can be spoilt unseen has no test."""

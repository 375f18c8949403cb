"""Enrolment: the one scan that makes this phone the bureau's."""

"""Units, people, sign-ins by cookie, and devices enrolled by a one-time code."""

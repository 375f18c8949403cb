"""What ``make bench`` measures: medians of five beside their limits. No test: time depends on the machine."""

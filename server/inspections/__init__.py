"""What inspectors recorded in the field: visits, inspections, checks and readings."""

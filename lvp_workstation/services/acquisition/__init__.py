"""While the patient is on the table: slices come in, planes and verdicts go out."""

"""Evaluations against labelled data: cases are read one at a time, scored, and summed up in a report."""

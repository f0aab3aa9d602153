"""Speed measured by the program itself: ``lvp bench`` drives the real window and keeps the clock."""

"""Files that people and programs hand each other, read and written."""

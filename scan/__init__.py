"""The scanner: from files to findings, with an exported detector and without torch."""

"""The scanner as a small HTTP service: needs the extra `serve`."""

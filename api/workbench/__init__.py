"""The stewards' pages: rendered on the server, usable by keyboard, nothing fetched elsewhere."""

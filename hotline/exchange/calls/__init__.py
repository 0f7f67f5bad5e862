"""A call: what a document makes it do, second by second, and who is on the line."""

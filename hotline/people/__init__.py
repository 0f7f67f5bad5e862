"""Who: what is stored of a number, every effect on it, and how it is kept secret."""

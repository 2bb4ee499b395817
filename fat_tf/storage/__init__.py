"""Places that are URLs: mirrored in local folders, so that no other room has to know of them."""

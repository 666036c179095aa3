"""What a client may send, part by part. None of it is ever hashed: each turns into a draft."""

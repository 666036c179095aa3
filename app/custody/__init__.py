"""Where key-encryption keys lie: in a file, behind a file descriptor, or with a service."""

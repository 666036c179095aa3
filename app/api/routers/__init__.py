"""The operations, one file to a subject: translate, call, translate."""

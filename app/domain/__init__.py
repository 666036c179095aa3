"""
The rules of the protocol, and nothing else.

What stands here must give the same bytes in ten years, in the gateway and on a
court expert's laptop: no input or output, no clock, no randomness, no
framework.
"""

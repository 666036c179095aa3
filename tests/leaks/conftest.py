"""What the tests of this folder share."""

from tests.support.quiet import quiet as quiet

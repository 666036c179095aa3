"""Who may do which step, and which of its own steps a party must have done before."""

from collections.abc import Mapping

from app.domain.steps import Kind

ROLE_OF: Mapping[Kind, str] = {
    Kind.QUOTED: "optician",
    Kind.ORDERED: "optician",
    Kind.MANUFACTURED: "glassmaker",
    Kind.SHIPPED: "glassmaker",
    Kind.RECEIVED: "optician",
    Kind.DELIVERED: "optician",
    Kind.INVOICED: "optician",
    Kind.VERIFIED: "insurer",
}
"""The role that signs a step of each kind."""

PREDECESSOR: Mapping[Kind, Kind] = {
    Kind.ORDERED: Kind.QUOTED,
    Kind.DELIVERED: Kind.QUOTED,
    Kind.INVOICED: Kind.QUOTED,
    Kind.RECEIVED: Kind.ORDERED,
    Kind.SHIPPED: Kind.MANUFACTURED,
}
"""The step of the same party that must come first; a step that waits for another party's is not held back."""

WITH_GLASSMAKER = frozenset({Kind.ORDERED, Kind.RECEIVED})
"""An optician's steps that make no sense for an item whose maker is not on the network."""

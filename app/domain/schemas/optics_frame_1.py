"""`optics.frame/1`: one spectacle frame. Released; never edited."""

from app.domain.canonical import Code
from app.domain.schemas.definition import Field, Group, Schema
from app.domain.schemas.goods import DEVICE, PRICE, SUPPLEMENTS, WORD
from app.domain.schemas.optics_lens_1 import CODING

_SIZE = Code(
    "[0-9]{2}(-[0-9]{2}(-[0-9]{3})?)?",
    "the boxed size in millimetres: eye, bridge, temple, joined by hyphens",
    '"52-18-140"',
)

OPTICS_FRAME_1 = Schema.of(
    "optics.frame/1",
    Group("product", (Field("maker", WORD), Field("code", WORD), Field("size", _SIZE))),
    SUPPLEMENTS,
    CODING,
    PRICE,
    DEVICE,
)

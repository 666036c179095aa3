"""`optics.lens/1`: one lens for one eye. Released; never edited."""

from app.domain.canonical import Choice, Code, Quantity, Whole
from app.domain.optics import MAX_CYLINDER, MAX_POWER, normal_correction
from app.domain.schemas.definition import Field, Group, Measures, Schema, Values
from app.domain.schemas.goods import DEVICE, PRICE, REFERENCE, SUPPLEMENTS, WORD, coding

CODING = coding(Code("[AB]", "A or B", '"B"'))

_PRODUCT = Group(
    "product",
    (
        Field("maker", WORD),
        Field("code", WORD),
        Field("index", Quantity("refraction", 3, 1_300, 2_200)),
        Field(
            "geometry",
            Choice(("single_vision", "bifocal", "trifocal", "progressive", "intermediate")),
        ),
    ),
)

_CORRECTION = Group(
    "correction",
    (
        Field("eye", Choice(("right", "left"))),
        Field("sphere", Quantity("dioptres", 2, -MAX_POWER, MAX_POWER)),
        Field("cylinder", Quantity("dioptres", 2, -MAX_CYLINDER, MAX_CYLINDER)),
        Field("axis", Whole("degrees", 0, 180)),
        Field("addition", Quantity("dioptres", 2, 25, 600, zero_is_absent=True)),
        Field("prism", Quantity("prism dioptres", 2, 1, 4_000, zero_is_absent=True)),
        Field("prism_base", Whole("degrees", 0, 360)),
        Field("diameter", Quantity("millimetres", 1, 300, 1_000)),
        Field("pupillary_distance", Quantity("millimetres, for one eye,", 1, 150, 450)),
        Field("fitting_height", Quantity("millimetres", 1, 50, 600)),
    ),
    normal_correction,
)


def _measures(product: Values, correction: Values) -> dict[str, int]:
    """
    Give the numbers of a lens. Its cylinder is taken as positive, as tables of benefits take it.

    `sphere` is then the lower of the two meridians, and `sum`, sphere plus cylinder, the higher one.
    """
    found = {}
    if product["index"] is not None:
        found["index"] = int(product["index"])
    if correction["sphere"] is not None:
        higher, cylinder = int(correction["sphere"]), -int(correction["cylinder"] or 0)
        found |= {"sphere": higher - cylinder, "cylinder": cylinder, "sum": higher}
    return found


_POWER = Quantity("dioptres", 2, -MAX_POWER, MAX_POWER)

OPTICS_LENS_1 = Schema.of(
    "optics.lens/1",
    _PRODUCT,
    SUPPLEMENTS,
    _CORRECTION,
    CODING,
    PRICE,
    DEVICE,
    REFERENCE,
    measures=Measures(
        ("maker", "code", "geometry"),
        {
            "index": Quantity("refraction", 3, 1_300, 2_200),
            "sphere": _POWER,
            "cylinder": Quantity("dioptres", 2, 0, MAX_CYLINDER),
            "sum": _POWER,
        },
        _measures,
    ),
)

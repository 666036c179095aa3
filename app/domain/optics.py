"""
One correction, one spelling.

Prescribers write a lens with minus cylinder, makers with plus cylinder:
`+2.00 (-1.00) 90` and `+1.00 (+1.00) 180` are ground alike. Both name the same
two principal meridians, so the limits are set on these (sphere, and sphere
plus cylinder): one spelling cannot pass where the other is refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from app.errors import InvalidRecord

MAX_POWER = 4000
MAX_CYLINDER = 2000


@dataclass(frozen=True, slots=True)
class Correction:
    """
    Spherical and cylindrical power of one lens: minus cylinder, or neither cylinder nor axis.

    Powers are nominal, in hundredths of a dioptre; the axis is in degrees, 1 to 180 (TABO).
    """

    sphere: int
    cylinder: int | None = None
    axis: int | None = None

    def __post_init__(self) -> None:
        cylinder = self.cylinder or 0
        if (self.cylinder is None) != (self.axis is None):
            raise InvalidRecord("/axis", "cylinder and axis go together")
        if self.cylinder is not None and not -MAX_CYLINDER <= self.cylinder < 0:
            raise InvalidRecord("/cylinder", "cylinder is at most 20.00 dioptres, written minus")
        if self.axis is not None and not 1 <= self.axis <= 180:
            raise InvalidRecord("/axis", "axis is 1 to 180 degrees")
        if not -MAX_POWER <= self.sphere + cylinder <= self.sphere <= MAX_POWER:
            raise InvalidRecord("/sphere", "sphere, and sphere plus cylinder, are between -40.00 and +40.00 dioptres")

    @classmethod
    def of(cls, sphere: int, cylinder: int = 0, axis: int | None = None) -> Self:
        """Give the correction that either cylinder form spells; an axis without cylinder means nothing."""
        if cylinder == 0:
            return cls(sphere)
        if axis is None:
            raise InvalidRecord("/axis", "a cylinder needs an axis", "Give the axis, 1 to 180 degrees.")
        if cylinder > 0:
            sphere, cylinder, axis = sphere + cylinder, -cylinder, axis + 90
        return cls(sphere, cylinder, (axis - 1) % 180 + 1)


def normal_correction(values: Mapping[str, str | None]) -> dict[str, str | None]:
    """
    Bring the values of a correction group, each canonical by itself, into their one common form.

    Doing it twice changes nothing. `where` of an `InvalidRecord` is the field alone.
    """
    normal = dict(values)
    sphere, cylinder, axis = values["sphere"], int(values["cylinder"] or 0), values["axis"]
    if sphere is None and cylinder:
        raise InvalidRecord("/sphere", "a cylinder needs a sphere", 'Give the sphere; a plano one is "0.00".')
    if sphere is None:
        normal["cylinder"] = normal["axis"] = None
    else:
        correction = Correction.of(int(sphere), cylinder, None if axis is None else int(axis))
        normal["sphere"] = str(correction.sphere)
        normal["cylinder"] = None if correction.cylinder is None else str(correction.cylinder)
        normal["axis"] = None if correction.axis is None else str(correction.axis)
    prism, base = values["prism"], values["prism_base"]
    if prism is not None and base is None:
        raise InvalidRecord("/prism_base", "a prism needs a base", "Give the base, 0 to 359 degrees.")
    normal["prism_base"] = None if prism is None or base is None else str(int(base) % 360)
    return normal

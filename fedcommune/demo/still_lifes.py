"""What is given, lent and sold in the demo: one thing each, on a table."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from PIL import ImageDraw

from fedcommune.demo.sketches import FINE, Colour, finished, gradient, shade
from fedcommune.demo.tellings import Thing

Pen: TypeAlias = ImageDraw.ImageDraw

_WIDTH, _HEIGHT = 1200, 800
_UNIT: Final = _HEIGHT * FINE / 100  # a hundredth of the height
_MIDDLE: Final = _WIDTH * FINE / 2
_TABLE: Final = 78 * _UNIT
_DARK: Final[Colour] = (62, 48, 44)
_LIGHT: Final[Colour] = (252, 246, 232)


def draw(thing: Thing, name: str) -> bytes:
    """Return a picture of *thing*; another *name* gives it other colours."""
    chance = random.Random(f"{thing} {name}")  # noqa: S311  # the same name, the same colours
    hue = chance.random()
    size = (_WIDTH * FINE, _HEIGHT * FINE)
    picture = gradient(size, shade(hue, 0.18, 0.96), shade(hue + 0.04, 0.3, 0.88))
    pen = ImageDraw.Draw(picture, "RGBA")
    pen.rectangle((0, _TABLE, *size), fill=shade(0.07, 0.45, 0.62))
    for grain in range(4):
        y = _TABLE + (3 + 5 * grain) * _UNIT
        pen.line((0, y, size[0], y), fill=(*_DARK, 50), width=3)
    pen.ellipse(_around(0, 79, 34, 3), fill=(*_DARK, 60))
    THINGS[thing](pen, shade(hue + 0.45, 0.6, 0.72), chance)
    return finished(picture)


def _at(x: float, y: float) -> tuple[float, float]:
    """Return a point: *x* from the middle, *y* from above, in hundredths of the height."""
    return _MIDDLE + x * _UNIT, y * _UNIT


def _around(x: float, y: float, wide: float, tall: float) -> tuple[float, float, float, float]:
    return (*_at(x - wide, y - tall), *_at(x + wide, y + tall))


def _lines(pen: Pen, colour: Colour, width: float, *points: tuple[float, float]) -> None:
    drawn = [_at(*point) for point in points]
    pen.line(drawn, fill=colour, width=round(width * _UNIT), joint="curve")
    for x, y in drawn:
        radius = width * _UNIT / 2
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)


def _bicycle(pen: Pen, colour: Colour, _chance: random.Random) -> None:
    for middle in (-26, 26):
        pen.ellipse(_around(middle, 61, 17, 17), outline=_DARK, width=round(2 * _UNIT))
        for spoke in range(6):
            angle = spoke * math.pi / 6
            dx, dy = 16 * math.cos(angle), 16 * math.sin(angle)
            _lines(pen, _DARK, 0.3, (middle - dx, 61 - dy), (middle + dx, 61 + dy))
    _lines(pen, colour, 2.2, (-26, 61), (-14, 36), (16, 36), (-2, 61), (-26, 61))
    _lines(pen, colour, 2.2, (-2, 61), (-16, 32))
    _lines(pen, colour, 2.2, (26, 61), (14, 27))
    _lines(pen, _DARK, 2.4, (-22, 31), (-10, 31))
    _lines(pen, _DARK, 2, (14, 27), (22, 24))
    pen.ellipse(_around(-2, 61, 4, 4), fill=_DARK)


def _chair(pen: Pen, colour: Colour, _chance: random.Random) -> None:
    for x in (-17, 17):
        _lines(pen, colour, 3, (x, 14), (x, 79))
    for y in (17, 26, 35):
        _lines(pen, colour, 3, (-17, y), (17, y))
    pen.polygon([_at(-21, 52), _at(21, 52), _at(25, 58), _at(-25, 58)], fill=_LIGHT)
    for x in (-23, 23):
        _lines(pen, colour, 3, (x, 58), (x, 80))


def _books(pen: Pen, _colour: Colour, chance: random.Random) -> None:
    x = -34.0
    for _book in range(8):
        wide, tall = chance.uniform(5, 9), chance.uniform(30, 50)
        cover = shade(chance.random(), 0.55, 0.65)
        pen.rectangle((*_at(x, 78 - tall), *_at(x + wide, 79)), fill=cover)
        for y in (78 - tall * 0.85, 78 - tall * 0.2):
            pen.rectangle((*_at(x, y), *_at(x + wide, y + 1.4)), fill=(*_LIGHT, 190))
        x += wide + 0.5


def _plant(pen: Pen, colour: Colour, chance: random.Random) -> None:
    for leaf in range(15):
        x, y = -28 + leaf * 4, 22 + abs(leaf - 7) * 3.4 + chance.uniform(-4, 4)
        green = shade(0.3 + chance.uniform(-0.04, 0.06), 0.6, chance.uniform(0.4, 0.65))
        _lines(pen, green, 1, (0, 58), (x, y))
        pen.ellipse(_around(x, y, 6.5, 4), fill=green)
        if chance.random() < 0.4:
            pen.ellipse(_around(x + 2, y + 4, 3, 3), fill=shade(0.01, 0.75, 0.85))
    pen.polygon([_at(-16, 55), _at(16, 55), _at(12, 80), _at(-12, 80)], fill=colour)
    pen.rectangle((*_at(-18, 52), *_at(18, 58)), fill=colour)


def _jar(pen: Pen, colour: Colour, chance: random.Random) -> None:
    for x in (-23, 0, 23):
        inside = shade(chance.choice((0.02, 0.08, 0.12, 0.95)), 0.75, 0.8)
        pen.rounded_rectangle((*_at(x - 10, 40), *_at(x + 10, 80)), 3 * _UNIT, fill=inside)
        pen.rectangle((*_at(x - 8, 52), *_at(x + 8, 66)), fill=_LIGHT)
        _lines(pen, _DARK, 0.6, (x - 5, 57), (x + 5, 57))
        _lines(pen, _DARK, 0.6, (x - 5, 61), (x + 3, 61))
        pen.rounded_rectangle((*_at(x - 9, 33), *_at(x + 9, 41)), _UNIT, fill=colour)


def _guitar(pen: Pen, colour: Colour, _chance: random.Random) -> None:
    pen.rectangle((*_at(-2.2, 4), *_at(2.2, 50)), fill=_DARK)
    pen.rectangle((*_at(-4, 3), *_at(4, 11)), fill=_DARK)
    pen.ellipse(_around(0, 46, 13, 12), fill=colour)
    pen.ellipse(_around(0, 65, 17, 15), fill=colour)
    pen.ellipse(_around(0, 54, 5, 5), fill=_DARK)
    pen.rectangle((*_at(-7, 70), *_at(7, 72)), fill=_DARK)
    for x in (-1.2, 0, 1.2):
        _lines(pen, _LIGHT, 0.25, (x, 6), (x, 71))


def _ladder(pen: Pen, colour: Colour, _chance: random.Random) -> None:
    _lines(pen, colour, 2.6, (-6, 8), (-16, 80))
    _lines(pen, colour, 2.6, (10, 8), (16, 80))
    for step in range(8):
        y = 15 + step * 8.5
        left, right = -6 - 10 * (y - 8) / 72, 10 + 6 * (y - 8) / 72
        _lines(pen, colour, 2, (left, y), (right, y))


def _cake(pen: Pen, colour: Colour, chance: random.Random) -> None:
    pen.ellipse(_around(0, 75, 34, 5), fill=_LIGHT)
    pen.rectangle((*_at(-25, 52), *_at(25, 73)), fill=shade(0.1, 0.55, 0.8))
    pen.ellipse(_around(0, 73, 25, 4), fill=shade(0.1, 0.55, 0.8))
    pen.ellipse(_around(0, 52, 25, 5), fill=colour)
    for _drop in range(12):
        x = chance.uniform(-22, 22)
        pen.ellipse(_around(x, 51 + chance.uniform(-2.5, 2.5), 1.5, 1.2), fill=_LIGHT)


THINGS: Final[Mapping[Thing, Callable[[Pen, Colour, random.Random], None]]] = {
    "bicycle": _bicycle,
    "chair": _chair,
    "books": _books,
    "plant": _plant,
    "jar": _jar,
    "guitar": _guitar,
    "ladder": _ladder,
    "cake": _cake,
}

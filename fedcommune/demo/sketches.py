"""The pictures of the demo, drawn here and nowhere else: faces with initials, and landscapes."""

from __future__ import annotations

import colorsys
import io
import math
import random
from typing import Final

from PIL import Image, ImageDraw, ImageFilter, ImageFont, ImageOps

from fedcommune.demo.tellings import Scene

Colour = tuple[int, int, int]

# Drawn larger than they are kept, so that edges are smooth.
FINE: Final = 2

# By scene: the sky above and below, the ground far away and near.
SCENES: Final[dict[Scene, tuple[Colour, Colour, Colour, Colour]]] = {
    "lagoon": ((120, 196, 232), (250, 226, 190), (58, 150, 170), (12, 98, 120)),
    "mountain": ((150, 190, 220), (244, 236, 224), (120, 150, 150), (40, 92, 76)),
    "garden": ((168, 214, 236), (252, 240, 206), (128, 172, 96), (60, 112, 52)),
    "village": ((252, 196, 140), (255, 236, 204), (176, 132, 110), (120, 78, 60)),
    "night": ((18, 26, 60), (70, 64, 110), (34, 44, 70), (14, 20, 34)),
}


def face(initials: str, name: str) -> bytes:
    """Return a square portrait for *name*: its initials on colours of its own."""
    chance = random.Random(name)  # noqa: S311  # the same name, the same colours
    side = 400 * FINE
    hue = chance.random()
    picture = gradient((side, side), shade(hue, 0.42, 0.78), shade(hue + 0.08, 0.6, 0.5))
    pen = ImageDraw.Draw(picture, "RGBA")
    for layer in range(3):
        height = side * (0.72 + 0.09 * layer)
        crest = _crest(chance, side, height, side * 0.05)
        pen.polygon([*crest, (side, side), (0, side)], fill=(*shade(hue, 0.55, 0.4), 70))
    font = ImageFont.load_default(side * 0.36)
    pen.text((side / 2, side * 0.48), initials, font=font, fill=(255, 255, 255), anchor="mm")
    return finished(picture)


def landscape(scene: Scene, name: str, size: tuple[int, int] = (1200, 800)) -> bytes:
    """Return a landscape of *scene*; another *name* draws it a little differently."""
    chance = random.Random(f"{scene} {name}")  # noqa: S311  # the same name, the same hills
    width, height = size[0] * FINE, size[1] * FINE
    above, below, far, near = SCENES[scene]
    picture = gradient((width, height), above, below)
    _sun(picture, chance, scene)
    pen = ImageDraw.Draw(picture, "RGBA")
    layers = 5
    for layer in range(layers):
        part = layer / (layers - 1)
        base = height * (0.46 + 0.11 * layer)
        rough = height * (0.13 - 0.022 * layer) * (0.25 if scene == "lagoon" and layer else 1)
        crest = _crest(chance, width, base, rough)
        colour = _between(far, near, part)
        pen.polygon([*crest, (width, height), (0, height)], fill=(*colour, 255))
        _dress(pen, chance, scene, crest, layer, height)
    return finished(picture)


def _dress(
    pen: ImageDraw.ImageDraw,
    chance: random.Random,
    scene: Scene,
    crest: list[tuple[float, float]],
    layer: int,
    height: int,
) -> None:
    """Put on one range of hills what grows or stands there."""
    if scene == "lagoon" and layer:
        for x, y in crest[::3]:
            long = height * (0.02 + 0.03 * layer * chance.random())
            y += height * 0.03 * chance.random()
            pen.line((x, y, x + long, y), fill=(255, 255, 255, 90), width=2 + layer)
    elif scene == "garden" and layer > 1:
        for x, y in crest:
            tall = height * 0.0035 * layer
            y += height * 0.07 * chance.random()
            bloom = shade(chance.choice((0.0, 0.09, 0.14, 0.85)), 0.7, 0.95)
            pen.ellipse((x - tall, y - tall, x + tall, y + tall), fill=(*bloom, 220))
    elif scene in ("village", "night") and layer in (2, 3):
        for x, y in crest[:: 5 - layer]:
            if chance.random() < 0.45:
                continue
            wide = height * (0.03 + 0.02 * chance.random())
            tall = wide * (0.8 + 0.4 * chance.random())
            wall = (52, 52, 72) if scene == "night" else (250, 236, 214)
            roof = (34, 30, 48) if scene == "night" else (188, 78, 58)
            pen.rectangle((x, y - tall, x + wide * 1.4, y + wide), fill=wall)
            pen.polygon(
                [
                    (x - 6, y - tall),
                    (x + wide * 0.7, y - tall * 1.7),
                    (x + wide * 1.4 + 6, y - tall),
                ],
                fill=roof,
            )
            light = (255, 214, 120) if scene == "night" else (110, 150, 160)
            pen.rectangle(
                (x + wide * 0.5, y - tall * 0.6, x + wide * 0.8, y - tall * 0.2), fill=light
            )
    elif scene == "mountain" and layer == 2:
        for x, y in crest[::4]:
            long = height * (0.1 + 0.15 * chance.random())
            pen.ellipse((x, y - 30, x + long, y + 30), fill=(255, 255, 255, 110))


def _sun(picture: Image.Image, chance: random.Random, scene: Scene) -> None:
    width, height = picture.size
    x, y = width * chance.uniform(0.2, 0.8), height * chance.uniform(0.16, 0.34)
    radius = height * (0.05 if scene == "night" else 0.07)
    # What is blurred is drawn small: nobody sees the difference.
    small = 16
    halo = Image.new("L", (width // small, height // small), 0)
    _disc(halo, x / small, y / small, radius / small, 204)
    glow = halo.filter(ImageFilter.GaussianBlur(radius * 1.2 / small)).resize(picture.size)
    _disc(glow, x, y, radius, 255)
    picture.paste((236, 236, 250) if scene == "night" else (255, 248, 220), (0, 0), glow)


def _disc(mask: Image.Image, x: float, y: float, radius: float, strength: int) -> None:
    ImageDraw.Draw(mask).ellipse((x - radius, y - radius, x + radius, y + radius), fill=strength)


def _crest(
    chance: random.Random, width: int, base: float, rough: float
) -> list[tuple[float, float]]:
    """Return the line of a range of hills, from the left to the right."""
    waves = [
        (rough / number, chance.uniform(0.6, 1.4) * number * math.tau, chance.uniform(0, math.tau))
        for number in range(1, 6)
    ]
    steps = 80
    return [
        (
            width * step / steps,
            base + sum(tall * math.sin(pace * step / steps + begin) for tall, pace, begin in waves),
        )
        for step in range(steps + 1)
    ]


def gradient(size: tuple[int, int], above: Colour, below: Colour) -> Image.Image:
    """Return a picture that goes from one colour, above, to another."""
    return ImageOps.colorize(Image.linear_gradient("L").resize(size), above, below)


def _between(one: Colour, other: Colour, part: float) -> Colour:
    red, green, blue = (round(a + (b - a) * part) for a, b in zip(one, other, strict=True))
    return red, green, blue


def shade(hue: float, saturation: float, value: float) -> Colour:
    """Return the colour of these three, each from 0 to 1; hues go round."""
    red, green, blue = colorsys.hsv_to_rgb(hue % 1, saturation, value)
    return round(red * 255), round(green * 255), round(blue * 255)


def finished(picture: Image.Image) -> bytes:
    """Return *picture* as a JPEG, at the size at which it is kept."""
    written = io.BytesIO()
    picture.reduce(FINE).save(written, "JPEG", quality=90)
    return written.getvalue()

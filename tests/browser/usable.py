"""Whether everybody can use the page that is shown: what axe finds, what sticks out, its frame."""

from __future__ import annotations

from functools import cache
from typing import Any, Final, Literal

from playwright.async_api import Page

from tests.support.node import MODULES

Scheme = Literal["light", "dark"]
SCHEMES: Final[tuple[Scheme, ...]] = ("light", "dark")
HEIGHT: Final = 900
TELEPHONE, DESK = 390, 1280
# Axe looks once in each scheme: in light at a telephone, in dark at a desk.
LOOKED_AT: Final[tuple[tuple[Scheme, int], ...]] = (("light", TELEPHONE), ("dark", DESK))
# Enlarged twice and four times, a desk has half and a quarter of its width (WCAG 1.4.4, 1.4.10);
# a telephone enlarged twice is as narrow as it gets.
WIDTHS: Final = (TELEPHONE, DESK, DESK // 2, DESK // 4, TELEPHONE // 2)
# What a page shows in another scheme is the same but for its colours.
COLOURS: Final = ("color-contrast", "link-in-text-block")

_FRAME: Final = """() => {
  const wrong = [];
  const headings = [...document.querySelectorAll("h1")];
  if (headings.length !== 1) wrong.push(`There are ${headings.length} headings of the page.`);
  if (!document.title.trim()) wrong.push("The page has no title.");
  if (!document.documentElement.lang) wrong.push("The page does not say its language.");
  return wrong;
}"""
_WIDE: Final = """() => {
  const wide = document.documentElement.scrollWidth - window.innerWidth;
  if (wide <= 0) return [];
  const out = [...document.querySelectorAll("body *")].filter(
    (each) => each.getBoundingClientRect().right > window.innerWidth + 1);
  return [`The page is ${wide} px too wide: ` + (out.at(-1)?.outerHTML ?? "").slice(0, 200)];
}"""


@cache
def axe() -> str:
    """Return the script that looks for what keeps people out."""
    return (MODULES / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


async def wrongs(page: Page) -> list[str]:
    """Return what is wrong with the page that is shown, and leave its size as it was."""
    before = page.viewport_size
    found: list[str] = list(await page.evaluate(_FRAME))
    await _let_axe_in(page)
    for scheme, width in LOOKED_AT:
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        await page.set_viewport_size({"width": width, "height": HEIGHT})
        rules = None if scheme == LOOKED_AT[0][0] else COLOURS
        found += [f"{scheme}, {width} px: {each}" for each in await _kept_out(page, rules)]
    for width in WIDTHS:
        await page.set_viewport_size({"width": width, "height": HEIGHT})
        found += [f"{width} px: {each}" for each in await page.evaluate(_WIDE)]
    if before is not None:
        await page.set_viewport_size(before)
    return found


async def _let_axe_in(page: Page) -> None:
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(axe())


async def _kept_out(page: Page, rules: tuple[str, ...] | None) -> list[str]:
    asked: dict[str, Any] = {"resultTypes": ["violations"]}
    if rules is not None:
        asked["runOnly"] = rules
    found: list[dict[str, Any]] = await page.evaluate(
        "asked => axe.run(document, asked).then(found => found.violations)", asked
    )
    return [
        f"{each['id']}: {each['help']}: {node['html']} ({node['failureSummary']})"
        for each in found
        for node in each["nodes"]
    ]

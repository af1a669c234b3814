"""The pages that everybody reads: usable by all, in light and dark, small and wide."""

from __future__ import annotations

from fedcommune.domain.accounts.model import Account
from tests.browser.visitor import Visitor
from tests.support.communes import Town


async def test_whoever_reads_can(town: Town, person: Visitor, marie: Account) -> None:
    club = await town.organisation(marie, "petanque")
    project = await town.project(marie, "jardin")
    post = await town.say(club, "Concours dimanche **midi** #fête", warning="À table")
    await town.say(marie, "J'y serai !", to=post)
    await town.say(
        project, "https://example.org/une/adresse/plus/longue/que/la/page/d/un/téléphone"
    )

    await person.open("/")
    await person.sees("Un projet est né")
    for path in ("/actors", "/@marie", "/@petanque", "/@jardin", "/tags/fête", "/nowhere"):
        await person.open(path)
    assert post.url is not None
    await person.open(post.url)
    await person.sees("J'y serai")

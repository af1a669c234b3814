"""Pages behind the links of letters and of applications, which nobody finds by walking."""

from __future__ import annotations

from urllib.parse import urlencode

from fedcommune.domain.accounts.model import Account
from fedcommune.domain.citizens import actions as citizens
from fedcommune.domain.citizens.model import Purpose
from fedcommune.domain.grants import actions as grants
from fedcommune.domain.grants.model import Registration, Scopes
from fedcommune.domain.letters import issuing, stopping
from fedcommune.domain.letters.stopping import Stop
from tests.mastodon.signing import challenge
from tests.support import browsers
from tests.support.communes import Town, pair


async def of_letters(town: Town, marie: Account) -> dict[str, tuple[str, ...]]:
    """Write every letter that anybody gets, and return where its link leads, by path.

    *marie* changes her address.
    """
    async with town.commune.database.transaction() as tx:
        await citizens.sign_up(
            tx,
            email="nina@mail.example",
            postal_code="97436",
            username="nina",
            name="Nina",
            password=None,
            language="fr",
            pair=pair(3),
        )
        for purpose in (Purpose.RESET, Purpose.SIGN_IN):
            await citizens.ask_for(tx, "paul@mail.example", purpose)
        await issuing.ask(tx, "zoe@mail.example", "fr", address="127.0.0.1")
        stop = Stop("citizen", marie.id, "weekly")
        stopping_link = stopping.link(tx.instance, tx.keyring, stop)
    async with browsers.browser(town) as browser:
        await browser.sign_in(marie)
        await browser.open("/settings/email")
        await browser.send("/settings/email", email="new@mail.example", password=browsers.PASSWORD)
    found: dict[str, tuple[str, ...]] = {"/letters/stop": (stopping_link,)}
    for path, kind in (
        ("/sign-up/confirm", "confirm"),
        ("/password/new", "reset"),
        ("/sign-in/link", "sign_in"),
        ("/letters/confirm", "weekly_confirm"),
        ("/settings/email/confirm", "take_email"),
    ):
        found[path] = ((await browsers.letter(town, kind)).link,)
    return found


async def of_an_application(town: Town, marie: Account) -> dict[str, tuple[str, ...]]:
    """Let an application in for *marie*; return where it asks her for more."""
    back = "https://carnet.example/back"
    async with town.commune.database.transaction() as tx:
        application, _secret = await grants.register(tx, Registration("Carnet", (back,)))
        scopes = Scopes.parse("read")
        await grants.issue(tx, citizen_id=marie.id, account_id=marie.id, scopes=scopes)
    asked = {
        "response_type": "code",
        "client_id": application.client_id,
        "redirect_uri": back,
        "scope": "read",
        "code_challenge": challenge(),
        "code_challenge_method": "S256",
    }
    return {"/oauth/authorize": (f"/oauth/authorize?{urlencode(asked)}",)}

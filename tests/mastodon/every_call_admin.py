"""One good call of each endpoint for moderators, reading first and deleting last."""

from __future__ import annotations

from typing import Final

from fedcommune.domain.accounts.roles import Role
from fedcommune.mastodon.app import ENDPOINTS
from tests.mastodon.answers import named
from tests.mastodon.conftest import Neighbours
from tests.mastodon.moderating import moderator, scene

_ORDER: Final = ("GET", "POST", "PUT", "DELETE")
ADMIN: Final = sorted(
    (endpoint for endpoint in ENDPOINTS if endpoint.permission is not None),
    key=lambda each: _ORDER.index(each.method),
)
# What the scene does not know by its address.
_KEYS: Final = {
    "measures": ("new_users", "interactions", "opened_reports", "resolved_reports"),
    "dimensions": ("languages", "sources", "servers", "space_usage", "software_versions"),
}


async def moderating(neighbours: Neighbours) -> None:
    there_is = await scene(neighbours)
    boss = await moderator(neighbours, "rose", Role.ADMINISTRATOR)
    for word, keys in _KEYS.items():
        span = {"start_at": "2026-11-01", "end_at": "2026-11-07", "keys": list(keys)}
        answer = await boss.http.post(f"/api/v1/admin/{word}", json=span)
        assert [each["key"] for each in answer.json()] == list(keys), answer.text
    for endpoint in ADMIN:
        if endpoint.path == "/api/v1/admin/accounts/{id}" and endpoint.method == "DELETE":
            path = f"/api/v1/admin/accounts/{there_is.ids['deleted']}"
            answer = await boss.http.delete(path)
        else:
            answer = await there_is.call(boss.http, endpoint, boss.token)
        assert answer.status_code == 200, (named(endpoint), answer.text)

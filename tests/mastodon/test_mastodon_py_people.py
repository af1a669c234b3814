"""People, lists, filters and notifications through the library that many bots are written with."""

from __future__ import annotations

from tests.mastodon.conftest import App, Neighbours
from tests.mastodon.test_mastodon_py import away, library, names_of_this_machine

__all__ = ["names_of_this_machine"]


async def test_mastodon_py_arranges_who_is_read_and_who_is_not(
    neighbours: Neighbours, marie: App
) -> None:
    jean = await neighbours.app("jean")
    post = await neighbours.here.say(marie.account, "Bonjour")
    mine, his = library(neighbours.here, marie), library(neighbours.here, jean)
    him, me = str(jean.account.id), str(marie.account.id)

    assert (await away(mine.account_verify_credentials)).source.privacy == "public"
    updated = await away(lambda: mine.account_update_credentials(note="Salut", bot=True))
    assert updated.bot
    assert (await away(lambda: mine.account_lookup("jean"))).username == "jean"
    assert [each.username for each in await away(lambda: mine.account_search("jean"))] == ["jean"]

    assert (await away(lambda: mine.account_follow(him, reblogs=False))).following
    assert (await away(lambda: his.account_follow(me))).following
    assert [each.username for each in await away(lambda: mine.account_followers(me))] == ["jean"]
    assert (await away(lambda: mine.account_relationships([him])))[0].followed_by
    assert (await away(lambda: mine.account_note_set(him, "voisin"))).note == "voisin"
    assert (await away(lambda: mine.account_mute(him, duration=60))).muting
    assert [each.username for each in await away(mine.mutes)] == ["jean"]
    assert not (await away(lambda: mine.account_unmute(him))).muting

    made = await away(lambda: mine.list_create("Voisins"))
    await away(lambda: mine.list_accounts_add(made, [him]))
    assert [each.username for each in await away(lambda: mine.list_accounts(made))] == ["jean"]
    assert await away(lambda: mine.timeline_list(made)) == []

    kept = await away(
        lambda: mine.create_filter_v2(
            "Volcan",
            ["home"],
            "warn",
            keywords_attributes=[{"keyword": "lave", "whole_word": True}],
        )
    )
    assert [each.title for each in await away(mine.filters_v2)] == [kept.title]

    await away(lambda: his.status_favourite(post.id))
    told = await away(mine.notifications)
    assert [each.type for each in told] == ["favourite", "follow"]
    grouped = await away(mine.grouped_notifications)
    assert [each.type for each in grouped.notification_groups] == ["favourite", "follow"]
    assert (await away(mine.notifications_policy)).for_private_mentions == "filter"
    assert await away(mine.conversations) == []
    assert (await away(mine.preferences))["posting:default:visibility"] == "public"
    assert (await away(lambda: mine.report(him, comment="Pub"))).comment == "Pub"
    assert (await away(lambda: mine.account_block(him))).blocking
    assert [each.username for each in await away(mine.blocks)] == ["jean"]

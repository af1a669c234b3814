"""What a stranger may try against a commune: each thing is answered, and changes nothing."""

from __future__ import annotations

from typing import Final

import orjson

from tests.hostile.attack import LATER, Attack, Said, about, activity_with, kept, raw
from tests.hostile.forgeries import FORGERIES
from tests.hostile.siege import Message, Siege


def _poisoned(where: str, poison: str) -> Said:
    """A like with something in one of its ids that PostgreSQL would not take."""

    def said(siege: Siege) -> bytes:
        text = orjson.dumps(siege.says("mallory", "Like", kept(siege))).decode()
        return text.replace(f'"{where}":"', f'"{where}":"{poison}', 1).encode()

    return said


def _about_ours(type_: str, by: str, name: str) -> Said:
    """Something about what somebody of ours said to few people."""
    return lambda siege: siege.says(by, type_, siege.posts[name].object_id)


PARSING: Final = [
    *(
        Attack(f"sec_par_01_{name}", raw(text), answer=400)
        for name, text in {
            "brackets_without_end": '"x":' + "[" * 100_000,
            "nested_too_deeply": '"x":' + "[" * 64 + "]" * 64,
            "a_key_twice": '"type":"Like"',
            "no_number": '"x":NaN',
            "infinity": '"x":-Infinity',
            "a_number_of_5000_digits": '"x":' + "7" * 5000,
            "more_than_20000_things": '"x":[' + ",".join("1" * 20_001) + "]",
        }.items()
    ),
    Attack("sec_par_01_no_utf_8", lambda siege: b'{"id":"\xff"}', answer=400),
    Attack("sec_par_01_no_object", lambda siege: b"[]", answer=400),
    Attack("sec_par_01_nothing", lambda siege: b"", answer=400),
    *(
        Attack(f"sec_par_02_{name}_in_the_{where}", _poisoned(where, poison), answer=400)
        for name, poison in {"nul": "\\u0000", "a_lone_surrogate": "\\ud800"}.items()
        for where in ("id", "actor")
    ),
    *(
        Attack(f"sec_par_04_an_object_that_is_{name}", activity_with(object=value), answer=answer)
        for name, value, answer in (
            ("null", None, 400),
            ("a_number", 7, 202),
            ("true", True, 202),
            ("an_empty_list", [], 400),
            ("nonsense", "not an address", 202),
            ("nested", {"object": {"object": {"object": {}}}}, 202),
            ("huge", "http://evil.localhost/" + "x" * 100_000, 202),
        )
    ),
]


VISIBILITY: Final = [
    *(
        Attack(
            f"sec_vis_09_a_boost_of_what_is_{name}_by_{by}",
            _about_ours("Announce", by, name),
            by=by,
        )
        for name in ("followers", "direct")
        for by in ("mallory", "ada")
    ),
    *(
        Attack(
            f"sec_vis_02_a_{type_.lower()}_of_what_is_{name}",
            _about_ours(type_, "mallory", name),
        )
        for type_ in ("Like", "EmojiReact")
        for name in ("followers", "direct")
    ),
    Attack(
        "sec_vis_09_a_boost_of_a_secret_of_somebody_else",
        about("Announce", "mallory", lambda siege: siege.note("ada", "secret")["id"]),
    ),
    Attack(
        "sec_vis_10_a_secret_said_again_to_everybody",
        lambda siege: siege.says("ada", "Create", siege.note("ada", "secret")),
        by="ada",
    ),
    Attack(
        "sec_vis_10_a_secret_made_public_by_somebody_of_the_same_server",
        lambda siege: siege.says("trude", "Update", siege.note("ada", "secret", updated=LATER)),
        by="trude",
    ),
]


def _across_the_block(type_: str) -> Said:
    """Something of Bert about Marie, who blocks him."""

    def said(siege: Siege) -> Message:
        if type_ == "Create":
            named = {"type": "Mention", "href": siege.marie.actor_id, "name": "@marie"}
            note = siege.note("bert", "x", tag=[named], cc=[siege.marie.actor_id])
            return siege.says("bert", type_, note, cc=[siege.marie.actor_id])
        about_marie = type_ in ("Follow", "Flag", "Join")
        what = siege.marie.actor_id if about_marie else siege.posts["public"].object_id
        return siege.says("bert", type_, what)

    return said


MODERATION: Final = [
    Attack(
        "sec_mod_01_anything_from_below_a_blocked_host",
        lambda siege: siege.says("spam", "Follow", siege.marie.actor_id),
        by="spam",
        answer=403,
    ),
    Attack(
        "sec_mod_01_a_note_of_a_blocked_host_passed_on",
        lambda siege: siege.says("mallory", "Announce", siege.note("spam", "x")["id"]),
        answer=403,
    ),
    Attack(
        "sec_mod_01_an_activity_of_a_blocked_host_forwarded",
        lambda siege: siege.says("spam", "Create", siege.note("spam", "x")),
        answer=403,
    ),
    *(
        Attack(
            f"sec_mod_02_a_{name}_across_a_block",
            _across_the_block(name),
            by="bert",
        )
        for name in ("Follow", "Like", "Announce", "Flag", "Create", "Join")
    ),
    *(
        Attack(
            f"w_in_03_a_{type_.lower()}_of_somebody_suspended",
            about(type_, "sven", lambda siege: siege.posts["public"].object_id),
            by="sven",
        )
        for type_ in ("Like", "Announce", "Flag")
    ),
    Attack(
        "w_in_03_a_follow_of_somebody_suspended",
        about("Follow", "sven", lambda siege: siege.marie.actor_id),
        by="sven",
    ),
    Attack(
        "w_in_03_a_note_of_somebody_suspended",
        lambda siege: siege.says("sven", "Create", siege.note("sven", "new")),
        by="sven",
    ),
    Attack(
        "sec_mod_03_an_edit_that_becomes_a_new_note_of_somebody_suspended",
        lambda siege: siege.says(
            "sven", "Update", siege.shows(siege.note("sven", "new", updated=LATER))
        ),
        by="sven",
    ),
    Attack(
        "sec_mod_03_an_old_note_of_somebody_suspended_edited",
        lambda siege: siege.says("sven", "Update", siege.note("sven", "old", updated=LATER)),
        by="sven",
    ),
    Attack(
        "sec_mod_03_an_old_note_of_somebody_suspended_boosted",
        about("Announce", "mallory", lambda siege: siege.note("sven", "old")["id"]),
    ),
    Attack(
        "sec_mod_03_a_new_note_of_somebody_suspended_boosted",
        lambda siege: siege.says("mallory", "Announce", siege.shows(siege.note("sven", "new"))),
    ),
]


EXHAUSTION: Final = [
    Attack(
        "sec_dos_05_more_than_1000_addressees", activity_with(to=["http://x/"] * 1001), answer=400
    ),
    Attack(
        "sec_dos_05_a_like_of_2000_things",
        activity_with(object=["http://x.localhost/"] * 2000),
        answer=400,
    ),
    *(
        Attack(f"w_in_a_{name}_that_nobody_understands", activity_with(type=type_))
        for name, type_ in (
            ("view", "View"),
            ("listen", "Listen"),
            ("travel", "Travel"),
            ("dislike", "Dislike"),
        )
    ),
]

ALL: Final = [*FORGERIES, *PARSING, *VISIBILITY, *MODERATION, *EXHAUSTION]

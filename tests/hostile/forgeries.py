"""In whose name strangers may try to speak: everybody's but their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from tests.hostile.attack import LATER, Attack, Said, about, activity_with, kept, note_with
from tests.hostile.siege import Message, Siege


def _follow_of_marie(siege: Siege, of: str) -> Message:
    return {
        "id": siege.asked,
        "type": "Follow",
        "actor": siege.marie.actor_id,
        "object": siege[of].id,
    }


def _rewritten(siege: Siege, by: str = "mallory", **changes: Any) -> Message:
    """Ada's note with other words, said by somebody else."""
    edited = siege.note("ada", "kept", content="<p>Forged</p>", updated=LATER, **changes)
    return siege.says(by, "Update", edited)


def _shown_elsewhere(siege: Siege) -> Message:
    """Mallory's server shows, at an address of its own, something that calls itself Ada's."""
    forged = siege.note("ada", "never")
    address = siege.shows(forged, at=f"{siege['mallory'].id}/notes/mask")
    return siege.says("mallory", "Announce", address)


def _mallorys_of_ada(siege: Siege) -> Message:
    """Mallory's own note, on Mallory's server, says that Ada wrote it."""
    forged = siege.note("mallory", "mask2", attributedTo=siege["ada"].id)
    siege.shows(forged)
    return siege.says("mallory", "Announce", forged["id"])


def _group_passes_on(inner: str) -> Said:
    """An Announce of an activity that Ada never made."""

    def said(siege: Siege) -> Message:
        forged = siege.note("ada", "kept", content="<p>Forged</p>", updated=LATER)
        what: object = forged if inner != "Delete" else forged["id"]
        return siege.says("mallory", "Announce", siege["ada"].activity(inner, what, 77))

    return said


def _ours(path: str) -> Callable[[Siege], str]:
    return lambda siege: f"{siege.town.origin}{path}"


FORGERIES: Final = [
    Attack("sec_ori_01_a_document_with_the_id_of_another_server", _shown_elsewhere),
    Attack("sec_ori_03_a_boost_of_a_note_that_claims_anothers_author", _mallorys_of_ada),
    *(
        Attack(f"sec_ori_02_{name}", said, answer=400)
        for name, said in {
            "an_id_in_a_list": activity_with(id=["http://evil.localhost/1"]),
            "an_id_that_is_an_object": activity_with(id={"id": "http://evil.localhost/1"}),
            "an_id_that_is_a_number": activity_with(id=7),
            "no_id": activity_with(id=None),
            "two_actors": activity_with(
                actor=["http://evil.localhost/1", "http://ada.localhost/2"]
            ),
            "a_type_that_is_a_number": activity_with(type=7),
            "two_types": activity_with(type=["Like", "Announce"]),
        }.items()
    ),
    Attack(
        "sec_ori_02_a_note_whose_id_is_a_list",
        note_with(id=["http://evil.localhost/1"]),
        answer=400,
    ),
    Attack(
        "sec_ori_02_an_id_of_another_server",
        lambda siege: {**siege.says("mallory", "Like", kept(siege)), "id": kept(siege)},
        answer=400,
    ),
    Attack(
        "sec_ori_03_a_note_in_the_name_of_another",
        lambda siege: siege.says("mallory", "Create", siege.note("ada", "never")),
    ),
    Attack(
        "sec_ori_03_a_note_of_ones_own_server_in_the_name_of_another",
        note_with(attributedTo="http://ada.localhost/users/ada"),
    ),
    Attack("sec_ori_03_an_edit_by_a_stranger", _rewritten),
    Attack(
        "sec_ori_03_an_edit_by_a_stranger_who_claims_authorship",
        lambda siege: _rewritten(siege, attributedTo=siege["mallory"].id),
    ),
    Attack("sec_ori_03_a_deletion_by_a_stranger", about("Delete", "mallory", kept)),
    Attack(
        "sec_ori_03_the_deletion_of_another_person",
        about("Delete", "mallory", lambda siege: siege["ada"].id),
    ),
    Attack("sec_ori_03_a_forged_edit_passed_on", _group_passes_on("Update")),
    Attack("sec_ori_03_a_forged_deletion_passed_on", _group_passes_on("Delete")),
    Attack(
        "sec_ori_04_an_edit_by_somebody_of_the_same_server",
        lambda siege: _rewritten(siege, "trude", attributedTo=siege["trude"].id),
        by="trude",
    ),
    Attack(
        "sec_ori_04_a_deletion_by_somebody_of_the_same_server",
        about("Delete", "trude", kept),
        by="trude",
    ),
    Attack(
        "sec_ori_06_a_note_with_an_id_of_ours",
        lambda siege: siege.says(
            "mallory",
            "Create",
            siege.note("mallory", "x", id=f"{siege.town.origin}/ap/objects/1"),
        ),
    ),
    Attack("sec_ori_06_a_boost_of_nothing_of_ours", about("Announce", "mallory", _ours("/ap/x"))),
    Attack(
        "sec_ori_06_our_own_words_changed",
        lambda siege: siege.says(
            "mallory",
            "Update",
            siege.note("mallory", "x", id=siege.posts["public"].object_id, updated=LATER),
        ),
    ),
    Attack(
        "sec_ori_06_our_own_words_deleted",
        about("Delete", "mallory", lambda siege: siege.posts["public"].object_id),
    ),
    Attack(
        "sec_ori_06_somebody_of_ours_deleted",
        about("Delete", "mallory", lambda siege: siege.marie.actor_id),
    ),
    Attack(
        "sec_ori_07_a_note_with_the_id_of_an_actor",
        lambda siege: siege.says(
            "mallory", "Create", siege.note("mallory", "x", id=siege["mallory"].id)
        ),
    ),
    Attack(
        "sec_ori_07_an_actor_and_a_note_at_once",
        note_with(inbox="http://x/", outbox="http://x/"),
        answer=400,
    ),
    Attack(
        "sec_ori_10_a_deleted_note_said_again",
        lambda siege: siege.says("ada", "Create", siege.note("ada", "gone")),
        by="ada",
    ),
    Attack(
        "sec_ori_10_a_deleted_note_edited",
        lambda siege: siege.says("ada", "Update", siege.note("ada", "gone", updated=LATER)),
        by="ada",
    ),
    Attack(
        "sec_ori_10_a_deleted_note_boosted",
        lambda siege: siege.says("mallory", "Announce", siege.shows(siege.note("ada", "gone"))),
    ),
    Attack(
        "sec_ori_11_an_accept_by_a_stranger",
        lambda siege: siege.says("mallory", "Accept", siege.asked),
    ),
    Attack(
        "sec_ori_11_an_accept_by_a_stranger_that_embeds_the_follow",
        lambda siege: siege.says("mallory", "Accept", _follow_of_marie(siege, "bea")),
    ),
    Attack(
        "sec_ori_11_an_accept_of_what_was_never_asked",
        lambda siege: siege.says(
            "mallory", "Accept", {**_follow_of_marie(siege, "mallory"), "id": "http://x.localhost/"}
        ),
    ),
    Attack(
        "sec_ori_11_a_reject_by_a_stranger",
        lambda siege: siege.says("mallory", "Reject", _follow_of_marie(siege, "ada")),
    ),
    Attack(
        "sec_ori_11_an_accept_in_the_name_of_ours",
        lambda siege: siege.says(
            "mallory",
            "Accept",
            {"type": "Follow", "actor": siege["mallory"].id, "object": siege.marie.actor_id},
        ),
    ),
    Attack(
        "sec_ori_11_the_follow_of_another_undone",
        lambda siege: siege.says("mallory", "Undo", f"{siege['ada'].id}/follow"),
    ),
    Attack(
        "sec_ori_11_the_follow_of_a_neighbour_undone",
        lambda siege: siege.says(
            "trude",
            "Undo",
            {
                "id": f"{siege['ada'].id}/follow",
                "type": "Follow",
                "actor": siege["ada"].id,
                "object": siege.marie.actor_id,
            },
        ),
        by="trude",
    ),
    Attack(
        "sec_ori_12_the_move_of_another",
        lambda siege: siege.says("mallory", "Move", siege["ada"].id, target=siege["mallory"].id),
    ),
    Attack(
        "sec_ori_12_a_move_to_where_nobody_agreed",
        lambda siege: siege.says("mallory", "Move", siege["mallory"].id, target=siege["ada"].id),
    ),
    Attack(
        "sec_ori_12_a_move_to_one_of_ours_who_did_not_agree",
        lambda siege: siege.says(
            "mallory", "Move", siege["mallory"].id, target=siege.marie.actor_id
        ),
    ),
    Attack(
        "sec_ori_12_a_move_to_oneself",
        lambda siege: siege.says(
            "mallory", "Move", siege["mallory"].id, target=siege["mallory"].id
        ),
    ),
]

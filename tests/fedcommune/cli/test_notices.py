"""Official notices from the command line."""

from __future__ import annotations

from tests.fedcommune.cli.conftest import Terminal


def test_an_authority_is_entrusted_gives_a_notice_and_lifts_it(terminal: Terminal) -> None:
    terminal.ask(
        *("organisation", "found", "--kind", "authority", "--username", "ville"),
        *("--name", "Ville de Saint-Leu", "--founder", "@marie"),
    )
    words = ("notice", "give", "@ville", "Coupure d'eau", "--severity", "attention")
    refused = terminal.ask(*words, code=1)
    assert "administrator" in refused["error"]
    assert terminal.ask("notice", "list", "--all") == []

    assert terminal.ask("notice", "office", "@ville") == {
        "authority": terminal.ask("actor", "show", "@ville")["handle"],
        "entrusted": True,
    }
    given = terminal.ask(*words, "--until", "2046-10-05T18:00")
    # The commune of the tests lives in the time of La Réunion.
    assert (given["until"], given["state"]) == ("2046-10-05T18:00+04:00", "lasts")
    assert "jusqu’au 5 octobre 2046" in given["text"].replace("'", "’")
    assert terminal.ask("notice", "list") == [given]
    assert len(terminal.ask("announcement", "list")) == 1

    terminal.ask("notice", "lift", given["id"])
    assert terminal.ask("notice", "list") == []
    assert terminal.ask("announcement", "list") == []
    assert [each["state"] for each in terminal.ask("notice", "list", "--all")] == ["over"]
    assert "still lasts" in terminal.ask("notice", "lift", given["id"], code=1)["error"]

    terminal.ask("notice", "office", "@ville", "--withdraw")
    terminal.ask(*words, code=1)
    assert "authority" in terminal.ask("notice", "office", "@marie", code=1)["error"]

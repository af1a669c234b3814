"""Found an organisation."""

from __future__ import annotations

from fedcommune.database import Transaction
from fedcommune.domain.accounts import actions as accounts
from fedcommune.domain.accounts import profiles
from fedcommune.domain.accounts.model import Account, Details, Field, Profile
from fedcommune.domain.links import actions as links
from fedcommune.domain.organisations import queries
from fedcommune.domain.organisations.model import Draft, Organisation
from federation.keys import Pair


async def found(
    tx: Transaction, founder: Account, draft: Draft, pair: Pair, roles: tuple[str, ...] = ()
) -> Account:
    """Open the organisation's account and make *founder* its first administrator.

    *pair* is made before the transaction. Raises Invalid for a draft that cannot become an
    organisation, Conflict for a name that is taken.
    """
    draft.check()
    organisation = await accounts.open_(
        tx,
        kind=draft.kind,
        username=draft.username,
        name=draft.name,
        pair=pair,
        profile=profiles.written(
            tx.instance,
            draft.summary,
            Profile(
                fields=_identifiers(draft),
                latitude=draft.latitude,
                longitude=draft.longitude,
                details=Details(openness=draft.openness),
            ),
        ),
    )
    await queries.insert(tx.db, Organisation(organisation.id, draft.siret, draft.rna))
    await links.begin(tx, founder, organisation, roles)
    return organisation


def _identifiers(draft: Draft) -> tuple[Field, ...]:
    numbers = (("SIRET", draft.siret), ("RNA", draft.rna))
    return tuple(Field(name, number) for name, number in numbers if number)

"""SQL: what strangers of one server attached and look like, and how to be without it."""

from __future__ import annotations

from fedcommune.database import Executor


async def forget_media(db: Executor, host: str) -> None:
    """Forget what the people of *host* and of its sub-domains attached, and their pictures.

    An actor is of a host by its handle or by the address of its id (SEC-MOD-01).
    """
    await db.execute(
        """
        delete from commune.attachment
        using commune.post
        join commune.account on account.id = post.author_id
        where attachment.post_id = post.id
          and not account.local
          and (
              commune.is_of_host(account.domain, $1)
              or commune.is_of_host(split_part(account.actor_id, '/', 3), $1)
          )
        """,
        host,
    )
    await db.execute(
        """
        update commune.account
        set icon = null, image = null
        where not local
          and (icon is not null or image is not null)
          and (
              commune.is_of_host(domain, $1)
              or commune.is_of_host(split_part(actor_id, '/', 3), $1)
          )
        """,
        host,
    )

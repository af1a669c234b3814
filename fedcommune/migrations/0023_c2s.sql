-- What people do with an app over ActivityPub: the activities by their ids, and blind copies.

-- An activity that an actor of ours did through its own outbox, for that actor to read again.
-- What a Create or an Update is about stands there by its id alone: its words are the post's.
create table commune.done (
    id bigint primary key,
    account_id bigint not null references commune.account on delete cascade,
    activity_id text collate "C" not null unique,
    type text not null,
    body jsonb not null,
    done_at timestamptz not null
);
create index done_account on commune.done (account_id, id desc);

-- Addressed without anybody else seeing it (bto and bcc).
alter table commune.mention
    add column blind boolean not null default false;

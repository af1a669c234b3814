-- Polls: what a Question offers, how often each choice was taken, and who voted.

create table commune.poll (
    post_id bigint primary key references commune.post on delete cascade,
    options text[] not null,                            -- plain text, each once
    votes integer[] not null,                           -- by option; of a stranger's poll, as told
    voters integer,                                     -- null: not told
    multiple boolean not null default false,
    hides_totals boolean not null default false,        -- until it is over
    ends_at timestamptz,                                -- null: never
    settle_at timestamptz,                              -- when its end is to be told; null: told
    tell_at timestamptz,                                -- when new totals are to be told
    asked_at timestamptz,                               -- when its own server was asked last
    check (cardinality(options) = cardinality(votes))
);
create index poll_settle on commune.poll (settle_at) where settle_at is not null;
create index poll_tell on commune.poll (tell_at) where tell_at is not null;

create table commune.vote (
    id bigint primary key,
    post_id bigint not null references commune.poll on delete cascade,
    voter_id bigint not null references commune.account on delete cascade,
    choice smallint not null check (choice >= 0),
    sole boolean not null,                              -- the poll lets each voter choose once
    created_at timestamptz not null,
    unique (post_id, voter_id, choice)
);
create unique index vote_sole on commune.vote (post_id, voter_id) where sole;
create index vote_voter on commune.vote (voter_id);

-- What an earlier version offered.
alter table commune.revision add column options text[];

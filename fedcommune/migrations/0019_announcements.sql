-- What the commune announces to everybody here, and how each of them takes it.

create table commune.announcement (
    id bigint primary key,
    text text not null,                                 -- what was typed
    content text not null,                              -- sanitised HTML
    starts_at timestamptz,                              -- of what is announced
    ends_at timestamptz,
    all_day boolean not null default false,             -- whole days: hours mean nothing
    mentions bigint[] not null default '{}',            -- accounts and posts that it names:
    posts bigint[] not null default '{}',               -- those who are gone are left out when shown
    tags text[] not null default '{}',
    about_id bigint references commune.post on delete cascade,  -- it goes with this post
    published_at timestamptz not null,
    updated_at timestamptz not null,
    ended_at timestamptz,                               -- taken off before its end
    check (starts_at <= ends_at)
);
create index announcement_about on commune.announcement (about_id) where about_id is not null;

create table commune.announcement_dismissal (
    announcement_id bigint not null references commune.announcement on delete cascade,
    account_id bigint not null references commune.account on delete cascade,
    primary key (announcement_id, account_id)
);
create index announcement_dismissal_account on commune.announcement_dismissal (account_id);

create table commune.announcement_reaction (
    id bigint primary key,
    announcement_id bigint not null references commune.announcement on delete cascade,
    account_id bigint not null references commune.account on delete cascade,
    name text not null,                                 -- an emoji
    unique (announcement_id, name, account_id)
);
create index announcement_reaction_account on commune.announcement_reaction (account_id);

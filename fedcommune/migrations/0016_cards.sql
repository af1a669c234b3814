-- What addresses lead to: looked at once for all the posts that name them.

create table commune.card (
    url text collate "C" primary key,
    state text not null default 'waiting' check (state in ('waiting', 'found', 'nothing')),
    title text not null default '',                     -- plain text, all of them
    description text not null default '',
    provider text not null default '',
    author text not null default '',
    language text,
    published_at timestamptz,
    asked_at timestamptz not null,                      -- when a post first or lately named it
    fetched_at timestamptz,
    due_at timestamptz,                                 -- when to look; null: not before somebody asks
    attempts integer not null default 0
);
create index card_due on commune.card (due_at) where due_at is not null;

-- What a post says in another language, kept until the post says something else.
create table commune.translation (
    post_id bigint not null references commune.post on delete cascade,
    language text not null,
    said bytea not null,                                -- digest of what was translated
    content text not null,                              -- sanitised HTML
    summary text not null,
    descriptions jsonb not null default '[]',           -- of what is attached, in order
    source_language text not null,
    provider text not null,
    made_at timestamptz not null,
    primary key (post_id, language)
);

-- Threads that are being completed because somebody reads them: one walk a post at a time.
create table commune.thread_walk (
    id bigint primary key,
    post_id bigint not null unique references commune.post on delete cascade,
    found integer not null default 0,                   -- what the walk brought
    begun_at timestamptz not null,
    leased_until timestamptz,
    finished_at timestamptz
);
create index thread_walk_open on commune.thread_walk (begun_at) where finished_at is null;

-- What people write, and how others react to it.

create table commune.post (
    id bigint primary key,
    object_id text collate "C" not null unique,
    url text,
    local boolean not null,
    author_id bigint not null references commune.account on delete cascade,
    type text not null default 'Note',
    visibility text not null check (visibility in ('public', 'unlisted', 'followers', 'limited', 'direct')),
    title text not null default '',                     -- plain text, for converted types
    content text not null default '',                   -- sanitised HTML
    source text not null default '',                    -- what was typed, for local posts
    summary text not null default '',                   -- content warning, plain text
    sensitive boolean not null default false,
    language text,
    in_reply_to text collate "C",                        -- the object id, known here or not
    parent_id bigint references commune.post on delete set null,
    conversation text collate "C",
    tags jsonb not null default '[]',                   -- ActivityStreams tags, as sent or received
    replies_count integer not null default 0,
    likes_count integer not null default 0,
    shares_count integer not null default 0,
    published_at timestamptz not null,
    edited_at timestamptz,
    received_at timestamptz not null,
    deleted_at timestamptz
);
create index post_author on commune.post (author_id, id desc) where deleted_at is null;
create index post_parent on commune.post (parent_id, id) where deleted_at is null;
create index post_in_reply_to on commune.post (in_reply_to) where in_reply_to is not null;
create index post_conversation on commune.post (conversation, id) where deleted_at is null;
create index post_public on commune.post (id desc) where visibility = 'public' and deleted_at is null;
create index post_public_local on commune.post (id desc)
    where local and visibility = 'public' and deleted_at is null;

-- An activity that arrives names our followers collections by their address.
create index account_followers_url on commune.account (followers_url) where local;

create table commune.revision (
    post_id bigint not null references commune.post on delete cascade,
    number integer not null,
    content text not null,
    source text not null,
    summary text not null,
    sensitive boolean not null,
    written_at timestamptz not null,
    primary key (post_id, number)
);

create table commune.mention (
    post_id bigint not null references commune.post on delete cascade,
    account_id bigint not null references commune.account on delete cascade,
    silent boolean not null default false,              -- addressed, not written in the text
    primary key (post_id, account_id)
);
create index mention_account on commune.mention (account_id, post_id desc);

create table commune.hashtag (
    post_id bigint not null references commune.post on delete cascade,
    name text not null,                                 -- lower case, without the sharp sign
    primary key (post_id, name)
);
create index hashtag_name on commune.hashtag (name, post_id desc);

create table commune.attachment (
    post_id bigint not null references commune.post on delete cascade,
    position smallint not null,
    media_type text not null default '',
    url text not null,
    description text not null default '',
    width integer,
    height integer,
    blurhash text,
    primary key (post_id, position)
);

create table commune.reaction (
    id bigint primary key,
    kind text not null check (kind in ('like', 'boost')),
    account_id bigint not null references commune.account on delete cascade,
    post_id bigint not null references commune.post on delete cascade,
    activity_id text collate "C" not null unique,
    visibility text not null default 'public'           -- of a boost: who is told of it
        check (visibility in ('public', 'unlisted', 'followers')),
    created_at timestamptz not null,
    unique (kind, account_id, post_id)
);
create index reaction_post on commune.reaction (post_id, kind, id);
create index reaction_account on commune.reaction (account_id, kind, id desc);

create table commune.featured (
    account_id bigint not null references commune.account on delete cascade,
    post_id bigint not null references commune.post on delete cascade,
    created_at timestamptz not null,
    primary key (account_id, post_id)
);

create table commune.notification (
    id bigint primary key,
    account_id bigint not null references commune.account on delete cascade,
    kind text not null,
    from_id bigint not null references commune.account on delete cascade,
    post_id bigint references commune.post on delete cascade,
    created_at timestamptz not null,
    read_at timestamptz
);
create unique index notification_once on commune.notification (account_id, kind, from_id, coalesce(post_id, 0));
create index notification_account on commune.notification (account_id, id desc);

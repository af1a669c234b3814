-- Whom people recommend, with the consent of each (FEP-7aa9).

create table commune.collection (
    id bigint primary key,
    account_id bigint not null references commune.account on delete cascade,
    object_id text collate "C" not null unique,
    url text,                                           -- the page that people share
    local boolean not null,
    kind text check (kind in ('appreciates', 'participates', 'creates')),
    name text not null,
    description text not null default '',               -- plain text
    language text,
    topic text,                                         -- a hashtag, without the sharp sign
    sensitive boolean not null default false,
    discoverable boolean not null default true,         -- shown on the owner's profile
    created_at timestamptz not null,
    updated_at timestamptz not null,
    fetched_at timestamptz                              -- when its server was asked last
);
create index collection_account on commune.collection (account_id, id);
create index collection_url on commune.collection (url) where url is not null;
-- Each of the three lists once.
create unique index collection_kind on commune.collection (account_id, kind)
    where local and kind is not null;

create table commune.collection_item (
    id bigint primary key,
    collection_id bigint not null references commune.collection on delete cascade,
    account_id bigint not null references commune.account on delete cascade,
    object_id text collate "C" not null unique,
    state text not null check (state in ('pending', 'accepted', 'refused')),
    activity_id text collate "C" unique,                -- of the FeatureRequest
    authorization_id text collate "C",                  -- where the consent of a stranger is
    created_at timestamptz not null,
    unique (collection_id, account_id)
);
create index collection_item_account on commune.collection_item (account_id, id);
create index collection_item_authorization on commune.collection_item (authorization_id)
    where authorization_id is not null;

-- When the collections of a stranger were last read from its server.
create table commune.collections_read (
    account_id bigint primary key references commune.account on delete cascade,
    read_at timestamptz not null
);

alter table commune.notification
    add column collection_id bigint references commune.collection on delete cascade;
create index notification_collection on commune.notification (collection_id)
    where collection_id is not null;
drop index commune.notification_once;
create unique index notification_once on commune.notification (
    account_id, kind, from_id, coalesce(post_id, 0), coalesce(collection_id, 0));

-- Who there is: other servers, actors of ours and of others, their keys, the citizens who sign in.

create schema commune;

create table commune.host (
    name text collate "C" primary key,                 -- authority, ASCII, lower case
    policy text not null default 'open' check (policy in ('open', 'limited', 'blocked')),
    reason text not null default '',
    first_seen_at timestamptz not null,
    policy_at timestamptz
);

create table commune.account (
    id bigint primary key,
    actor_id text collate "C" not null unique,
    local boolean not null,
    type text not null check (type in ('Person', 'Group', 'Organization', 'Service', 'Application')),
    kind text not null check (kind in (
        'commune', 'feed', 'square', 'citizen', 'association', 'business',
        'authority', 'group', 'project', 'stranger')),  -- stranger: an actor of another software
    username text not null,
    domain text collate "C" not null,                    -- of the handle; ours for local accounts
    name text not null default '',
    summary text not null default '',                   -- sanitised HTML
    source text not null default '',                    -- what was typed, for local accounts
    url text,
    inbox text not null,
    shared_inbox text,
    followers_url text,
    featured_url text,
    icon text,
    image text,
    details jsonb not null default '{}',                -- what only its kind has: a stage, how to enter
    fields jsonb not null default '[]',                 -- [{"name": …, "value": sanitised HTML}]
    locked boolean not null default false,
    discoverable boolean not null default true,
    indexable boolean not null default false,
    latitude double precision,
    longitude double precision,
    territory text,                                     -- INSEE code, when the actor says so
    also_known_as text[] not null default '{}',
    moved_to text,
    moved_at timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    fetched_at timestamptz,
    suspended_at timestamptz,
    deleted_at timestamptz
);
create unique index account_handle on commune.account (lower(username), domain);
create index account_domain on commune.account (domain) where not local;
create index account_shared_inbox on commune.account (shared_inbox) where not local;
create index account_url on commune.account (url);
create index account_kind on commune.account (kind, id) where local;
-- Names that look like one another are given once.
create index account_looks on commune.account (translate(lower(username), '01_', 'ol')) where local;

create table commune.key (
    id text collate "C" primary key,
    account_id bigint not null references commune.account on delete cascade,
    algorithm text not null check (algorithm in ('rsa', 'ed25519')),
    public bytea not null,                              -- DER SubjectPublicKeyInfo, or 32 raw bytes
    private bytea,                                      -- AES-GCM under the key outside the database
    created_at timestamptz not null,
    fetched_at timestamptz not null,
    expires_at timestamptz,
    revoked_at timestamptz
);
create index key_account on commune.key (account_id);

create table commune.citizen (
    account_id bigint primary key references commune.account on delete cascade,
    email text not null,
    postal_code text not null default '',
    language text not null default 'fr',
    created_at timestamptz not null
);
create unique index citizen_email on commune.citizen (lower(email));

-- What no longer exists, for good (SEC-ORI-10). Local names and ids are never given twice.
create table commune.tombstone (
    object_id text collate "C" primary key,
    former_type text not null default '',
    local boolean not null default false,
    deleted_at timestamptz not null
);
create table commune.retired_name (
    username text primary key,                          -- lower case
    retired_at timestamptz not null
);
create index retired_name_looks on commune.retired_name (translate(username, '01_', 'ol'));

-- Undone or deleted before it arrived: the late original is ignored until then.
create table commune.forestalled (
    activity_id text collate "C" primary key,
    until timestamptz not null
);

create table commune.setting (
    name text primary key,
    value jsonb not null
);

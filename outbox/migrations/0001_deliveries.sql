-- What we say, to whom it must still be brought, and how each host has been answering.

create schema outbox;

-- One row for each thing said, however many it is for. Ours that are public stay readable by
-- their id; the others go away with their last delivery.
create table outbox.activity (
    key bigint generated always as identity primary key,
    id text collate "C" not null,
    type text not null,
    actor_id text collate "C" not null,          -- who signs: for what is forwarded, not who said it
    object_id text collate "C",                  -- what it is about, so that it can be forgotten
    public boolean not null,                     -- ours, and anybody may read it by its id
    body bytea not null,                         -- exactly the bytes that are signed and sent
    created_at timestamptz not null
);
create unique index activity_id on outbox.activity (id) where public;
create index activity_object on outbox.activity (object_id) where object_id is not null;
create index activity_created on outbox.activity (created_at);

create table outbox.delivery (
    key bigint generated always as identity primary key,
    activity bigint not null references outbox.activity on delete cascade,
    host text collate "C" not null,              -- the lane: authority of the inbox
    inbox text collate "C" not null,
    ordering text collate "C",                   -- of two with the same one and the same inbox, the smaller key goes first
    attempts int not null default 0,
    next_at timestamptz not null,
    unique (activity, inbox)
);
create index delivery_due on outbox.delivery (host, next_at, key);
create index delivery_order on outbox.delivery (ordering, inbox, key) where ordering is not null;

-- One row for each host ever delivered to, until it is healthy and idle for long.
create table outbox.lane (
    host text collate "C" primary key,
    woken boolean not null default false,        -- something was added since the last lease
    next_at timestamptz,                         -- when to look next; null: nothing waits
    served_at timestamptz,                       -- the last lease: the lane that waited longest goes first
    lease_until timestamptz,
    leased_by text,
    failures int not null default 0,             -- consecutive
    paused_until timestamptz,                    -- breaker, Retry-After, or the next weekly probe
    exhausted_on date[] not null default '{}',   -- days on which deliveries were given up, since the last success
    unavailable_since timestamptz,
    scheme text check (scheme in ('cavage', 'rfc9421')),
    media_type text,                             -- with scheme: what this host last accepted
    learnt_at timestamptz,
    last_success_at timestamptz,
    last_failure_at timestamptz,
    last_error text
);
create index lane_due on outbox.lane (next_at) where next_at is not null;
create index lane_woken on outbox.lane (host) where woken;

-- Whoever publishes only adds here: no lane is ever locked by a transaction of the application.
create table outbox.wake (
    key bigint generated always as identity primary key,
    host text collate "C" not null
);

-- Inboxes that answered 410, for the application to look into.
create table outbox.gone (
    inbox text collate "C" primary key,
    host text collate "C" not null,
    at timestamptz not null
);

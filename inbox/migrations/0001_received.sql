-- What was sent to us: every activity id for all time, and what still waits for its turn.

create schema inbox;

-- One lane a sender: its activities are handled in the order of their arrival.
create table inbox.lane (
    id bigint generated always as identity primary key,
    sender text collate "C" not null unique,            -- actor id
    host text collate "C" not null,                     -- authority of the sender
    ready_at timestamptz,                               -- null: asleep, nothing waits
    lease bigint,                                       -- who works on it
    leased_until timestamptz
);
create index lane_ready on inbox.lane (ready_at) where ready_at is not null;
create index lane_host on inbox.lane (host);

-- Every id ever accepted. A row is written once and stays for good: what it says of an id
-- is that it was received. Outcome and reason are only there when it was not simply done.
create table inbox.received (
    id text collate "C" primary key,
    received_at timestamptz not null,
    outcome text check (outcome in ('ignored', 'refused', 'failed', 'dropped')),
    reason text
);
create index received_reason on inbox.received (received_at) where reason is not null;

create table inbox.waiting (
    seq bigint generated always as identity primary key,
    id text collate "C" not null unique,
    lane_id bigint not null references inbox.lane,
    type text not null,
    how text not null check (how in ('signature', 'proof', 'linked data', 'origin', 'gone')),
    about text[] collate "C" not null,                  -- the ids it is about: order is kept among them
    body bytea not null,
    received_at timestamptz not null,
    postponed_until timestamptz,                        -- null: as soon as its turn comes
    tries smallint not null default 0,                  -- how often another server was unavailable
    faults smallint not null default 0,                 -- how often our own code failed
    reason text
);
create index waiting_lane on inbox.waiting (lane_id, seq);
create index waiting_postponed on inbox.waiting (lane_id, seq) where postponed_until is not null;

-- What our own code failed to handle several times: kept until somebody retries or drops it.
create table inbox.failed (
    id text collate "C" primary key,
    lane_id bigint not null references inbox.lane,
    type text not null,
    how text not null,
    about text[] collate "C" not null,
    body bytea not null,
    received_at timestamptz not null,
    failed_at timestamptz not null,
    reason text not null
);
create index failed_lane on inbox.failed (lane_id);

-- What others say that we do not understand, for whoever wants to know.
create table inbox.unheard (
    activity_type text collate "C" not null,
    object_type text collate "C" not null,
    times bigint not null,
    last_at timestamptz not null,
    primary key (activity_type, object_type)
);

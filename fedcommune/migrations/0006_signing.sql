-- How the people of a commune become citizens here, sign in and get letters. Nothing that opens
-- a door is kept as it is: passwords as argon2id, tokens as SHA-256, the rest sealed.

alter table commune.citizen
    add column password text,                           -- argon2id; null: by one-time links only
    add column confirmed_at timestamptz,                -- the e-mail address was
    add column approved_at timestamptz,
    add column friend boolean not null default false,   -- lives elsewhere
    add column territory text not null default '',      -- INSEE code of the home
    add column reason text not null default '',         -- what they wrote to whoever approves
    add column totp bytea,                              -- the secret of their authenticator, sealed
    add column totp_step bigint not null default 0,     -- of the last code taken: none counts twice
    add column second_factor_at timestamptz;            -- since when a second factor is asked for
update commune.citizen set confirmed_at = created_at, approved_at = created_at;
create index citizen_waiting on commune.citizen (account_id)
    where confirmed_at is null or approved_at is null;

create table commune.session (
    id bigint primary key,
    token_hash bytea not null unique,
    account_id bigint not null references commune.citizen on delete cascade,
    agent text not null default '',                     -- the browser, as it says
    address text not null default '',
    created_at timestamptz not null,
    seen_at timestamptz not null,
    expires_at timestamptz not null
);
create index session_account on commune.session (account_id, id);

-- What a link in a letter carries, or a half-done sign-in: once, for one purpose, for a while.
create table commune.ticket (
    token_hash bytea primary key,
    account_id bigint not null references commune.citizen on delete cascade,
    purpose text not null check (purpose in (
        'confirm', 'reset', 'sign_in', 'second_factor', 'leave_email', 'take_email')),
    email text not null,                                -- the address it was sent for
    created_at timestamptz not null,
    expires_at timestamptz not null
);
create index ticket_account on commune.ticket (account_id, purpose);

create table commune.email_change (
    account_id bigint primary key references commune.citizen on delete cascade,
    email text not null,
    left_at timestamptz,                                -- confirmed at the old address
    taken_at timestamptz,                               -- confirmed at the new one
    created_at timestamptz not null
);

create table commune.recovery_code (
    account_id bigint not null references commune.citizen on delete cascade,
    code_hash bytea not null,
    primary key (account_id, code_hash)
);

create table commune.passkey (
    id bytea primary key,                               -- the credential id
    account_id bigint not null references commune.citizen on delete cascade,
    name text not null,
    public_key bytea not null,
    counter bigint not null,
    created_at timestamptz not null,
    used_at timestamptz
);
create index passkey_account on commune.passkey (account_id);

-- What a browser must answer to use a passkey, once.
create table commune.challenge (
    challenge bytea primary key,
    account_id bigint references commune.citizen on delete cascade,
    expires_at timestamptz not null
);

create table commune.invitation (
    id bigint primary key,
    token_hash bytea not null unique,
    inviter_id bigint references commune.account on delete set null,
    note text not null default '',
    uses_left integer not null check (uses_left >= 0),
    created_at timestamptz not null,
    expires_at timestamptz not null
);

-- How often something delicate was tried, and since when. Counts may be lost in a crash.
create unlogged table commune.attempt (
    what text not null,
    who bytea not null,
    count integer not null,
    since timestamptz not null,
    latest timestamptz not null,
    primary key (what, who)
);

-- What the national geo API said about postal codes.
create table commune.postal_code (
    code text not null,
    insee text not null,                                -- empty: no commune has this code
    name text not null,
    told_at timestamptz not null,
    primary key (code, insee)
);

-- Letters on their way; sealed, because they carry links that open doors.
create table commune.letter (
    id bigint primary key,
    kind text not null,
    recipient text not null,
    body bytea not null,
    created_at timestamptz not null,
    due_at timestamptz not null,
    expires_at timestamptz,                             -- not worth sending later
    attempts integer not null default 0,
    problem text not null default '',
    gave_up_at timestamptz
);
create index letter_due on commune.letter (due_at) where gave_up_at is null;

-- From which browsers somebody signed in before, so that a new one is told of.
create table commune.known_browser (
    account_id bigint not null references commune.citizen on delete cascade,
    agent_hash bytea not null,
    seen_at timestamptz not null,
    primary key (account_id, agent_hash)
);

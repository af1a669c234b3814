-- Applications, and what people let them do in their name. Secrets are kept as SHA-256 only.

create table commune.application (
    id bigint primary key,
    client_id text collate "C" not null unique,
    secret_hash bytea,                                  -- null: made for a script, it has no secret
    name text not null,
    website text,
    redirect_uris text[] not null,
    scopes text[] not null,
    created_at timestamptz not null
);

-- What the consent page gives, to be exchanged once for a token (RFC 6749 §4.1).
create table commune.authorisation (
    code_hash bytea primary key,
    application_id bigint not null references commune.application on delete cascade,
    citizen_id bigint not null references commune.citizen on delete cascade,
    account_id bigint not null references commune.account on delete cascade,
    redirect_uri text not null,
    scopes text[] not null,
    challenge text,                                     -- of PKCE, S256
    created_at timestamptz not null,
    expires_at timestamptz not null,
    used_at timestamptz
);
create index authorisation_expires on commune.authorisation (expires_at);

create table commune.token (
    id bigint primary key,
    token_hash bytea not null unique,
    application_id bigint not null references commune.application on delete cascade,
    citizen_id bigint references commune.citizen on delete cascade,   -- null: the application itself
    account_id bigint references commune.account on delete cascade,   -- who acts: the citizen, or whom they administer
    scopes text[] not null,
    code_hash bytea,                                    -- of the code it was given for
    created_at timestamptz not null,
    used_at timestamptz,
    expires_at timestamptz,
    revoked_at timestamptz,
    check ((citizen_id is null) = (account_id is null))
);
create index token_citizen on commune.token (citizen_id, id) where revoked_at is null;
create index token_application on commune.token (application_id);
create index token_code on commune.token (code_hash) where code_hash is not null;

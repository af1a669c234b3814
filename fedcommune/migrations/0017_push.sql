-- What apps are told while they are closed (RFC 8030): where each one wants it, and what waits.

create table commune.push_subscription (
    id bigint primary key,
    token_id bigint not null unique references commune.token on delete cascade,
    account_id bigint not null references commune.account on delete cascade,
    endpoint text not null,
    host text collate "C" not null,                     -- of the endpoint, with its port
    public_key bytea not null,                          -- of the app: a point of P-256
    secret bytea not null,                              -- that it shares with us (RFC 8291)
    standard boolean not null,                          -- RFC 8291, or the draft before it
    token bytea not null,                               -- sealed: the app knows its person by it
    alerts text[] not null,
    policy text not null check (policy in ('all', 'followed', 'follower', 'none')),
    refusals integer not null default 0,                -- in a row
    created_at timestamptz not null
);
create index push_subscription_account on commune.push_subscription (account_id, id);

create table commune.push (
    subscription_id bigint not null references commune.push_subscription on delete cascade,
    notification_id bigint not null references commune.notification on delete cascade,
    created_at timestamptz not null,
    due_at timestamptz not null,
    attempts integer not null default 0,
    primary key (subscription_id, notification_id)
);
create index push_due on commune.push (due_at);
create index push_notification on commune.push (notification_id);

-- Push services that did not answer, and when they are asked again.
create table commune.push_host (
    host text collate "C" primary key,
    failures integer not null,
    due_at timestamptz not null
);

-- A token that ended lets nobody be told anything (SEC-AUT-04).
create function commune.end_push() returns trigger language plpgsql as $$
begin
    delete from commune.push_subscription where token_id = new.id;
    return null;
end
$$;
create trigger end_push after update of revoked_at on commune.token
    for each row when (new.revoked_at is not null) execute function commune.end_push();

-- Who takes part in an event: an account, of here or of elsewhere, or an e-mail address.

create table commune.participation (
    id bigint primary key,
    post_id bigint not null references commune.event on delete cascade,
    account_id bigint references commune.account on delete cascade,
    email text,
    name text not null default '',
    language text not null default 'fr',                -- of the letters
    message text not null default '',
    state text not null check (state in ('unconfirmed', 'pending', 'accepted', 'rejected', 'left')),
    way text not null check (way in ('here', 'join', 'reply', 'mail')),
    activity_id text collate "C" unique,                -- of the Join
    token_hash bytea unique,                            -- of the link in the letters
    token bytea,                                        -- the same, sealed
    created_at timestamptz not null,
    changed_at timestamptz not null,
    check ((account_id is null) <> (email is null))
);
create unique index participation_account on commune.participation (post_id, account_id)
    where account_id is not null;
create unique index participation_email on commune.participation (post_id, lower(email))
    where email is not null;
create index participation_of on commune.participation (account_id, post_id)
    where account_id is not null;
create index participation_mail on commune.participation (changed_at) where email is not null;

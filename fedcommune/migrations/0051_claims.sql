-- Who says that an entry of the directory is theirs, and how that was decided.

alter table commune.place
    -- Who typed it, when a person did: what was imported was typed by nobody.
    add column told_by bigint references commune.account on delete set null,
    -- The post that told of it, so that it goes with the place.
    add column note_id bigint references commune.post on delete set null;

create table commune.claim (
    id bigint primary key,
    place_id bigint not null references commune.place on delete cascade,
    account_id bigint not null references commune.account on delete cascade, -- who says so
    username text not null,                             -- what the organisation will be called
    proof text not null check (proof in ('letter', 'number', 'word')),
    email text,                                         -- where the letter went
    token bytea unique,                                 -- the digest of what it carries
    token_until timestamptz,
    email_proven_at timestamptz,
    siret text,
    rna text,
    message text not null default '',                   -- a word to who decides
    state text not null default 'open' check (state in ('open', 'accepted', 'refused', 'withdrawn')),
    reason text not null default '',                    -- why it was refused
    organisation_id bigint references commune.account on delete set null,
    decided_by bigint references commune.account on delete set null,
    created_at timestamptz not null,
    decided_at timestamptz
);
create unique index claim_open on commune.claim (place_id, account_id) where state = 'open';
create index claim_account on commune.claim (account_id, id desc);
create index claim_waiting on commune.claim (id) where state = 'open';

-- Whoever leaves takes with them what they asked for, and their name from what they told:
-- the actor's row stays for a while, so no foreign key would do it.
create function commune.forget_places_of() returns trigger language plpgsql as $$
begin
    delete from commune.claim where account_id = new.id;
    update commune.claim set decided_by = null where decided_by = new.id;
    update commune.place set told_by = null where told_by = new.id;
    update commune.place_revision set account_id = null where account_id = new.id;
    return null;
end
$$;
create trigger forget_places_of after update of deleted_at on commune.account
    for each row
    when (new.kind = 'citizen' and new.deleted_at is not null and old.deleted_at is null)
    execute function commune.forget_places_of();

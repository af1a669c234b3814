-- Letters that people want: of what they were told, and of the week of the commune.

-- How soon a citizen wants to read about what; what is not here is as usual.
create table commune.letter_wish (
    account_id bigint not null references commune.citizen on delete cascade,
    subject text not null,
    pace text not null check (pace in ('at_once', 'daily', 'weekly', 'never')),
    primary key (account_id, subject)
);

-- What somebody was told and no letter was written of yet. Whoever tells people something cannot
-- forget it, and it goes with the notification.
create table commune.unwritten (
    notification_id bigint primary key references commune.notification on delete cascade,
    account_id bigint not null references commune.citizen on delete cascade,
    pace text check (pace in ('daily', 'weekly')),      -- the letter it waits for; null: none yet
    due_at timestamptz not null
);
create index unwritten_due on commune.unwritten (due_at);
create index unwritten_account on commune.unwritten (account_id, due_at);

-- When somebody was last written to at once: not again for some minutes.
create table commune.letter_rest (
    account_id bigint primary key references commune.citizen on delete cascade,
    written_at timestamptz not null
);

create function commune.await_letter() returns trigger language plpgsql as $$
begin
    -- A little later: who is reading has read it by then.
    insert into commune.unwritten (notification_id, account_id, due_at)
    select new.id, citizen.account_id, new.created_at + interval '2 minutes'
    from commune.citizen
    where citizen.account_id = new.account_id
    on conflict do nothing;
    return null;
end
$$;
create trigger await_letter after insert on commune.notification
    for each row when (not new.waiting) execute function commune.await_letter();
create trigger await_letter_accepted after update of waiting on commune.notification
    for each row when (old.waiting and not new.waiting) execute function commune.await_letter();

-- Who gets the week of the commune: anybody with an address, who confirmed it.
create table commune.subscriber (
    id bigint primary key,
    email text not null,
    language text not null,
    ticket bytea,                                       -- digest of the token that confirms it
    ticket_until timestamptz,
    created_at timestamptz not null,
    confirmed_at timestamptz
);
create unique index subscriber_email on commune.subscriber (lower(email));

-- Each weekly letter, and who got it.
create table commune.issue (
    id bigint primary key,
    since timestamptz not null,                         -- it tells of what is new since then
    moment timestamptz not null unique,
    done_at timestamptz                                 -- everybody has it
);
create table commune.issue_copy (
    issue_id bigint not null references commune.issue on delete cascade,
    recipient text collate "C" not null,                -- lower case: nobody gets two
    primary key (issue_id, recipient)
);

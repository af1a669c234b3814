-- Calendars elsewhere that an actor of ours takes its events from.

create table commune.calendar (
    id bigint primary key,
    account_id bigint not null references commune.account on delete cascade,
    url text not null,
    every interval not null,
    due_at timestamptz not null,
    failures integer not null default 0,
    created_at timestamptz not null,
    unique (account_id, url)
);
create index calendar_due on commune.calendar (due_at);

-- What came of each time that one was read; the last ones are kept.
create table commune.calendar_pull (
    id bigint primary key,
    calendar_id bigint not null references commune.calendar on delete cascade,
    pulled_at timestamptz not null,
    added integer not null default 0,
    changed integer not null default 0,
    cancelled integer not null default 0,
    skipped integer not null default 0,
    problem text not null default ''
);
create index calendar_pull_calendar on commune.calendar_pull (calendar_id, id desc);

-- Which event a thing in a calendar has become: the same never comes twice.
create table commune.calendar_item (
    calendar_id bigint not null references commune.calendar on delete cascade,
    uid text collate "C" not null,
    recurrence text collate "C" not null,               -- which time of it; empty for the only one
    post_id bigint not null references commune.post on delete cascade,
    digest bytea not null,                              -- of what it said
    primary key (calendar_id, uid, recurrence)
);
create index calendar_item_post on commune.calendar_item (post_id);

-- What takes place: an event is a post, and this is what it has besides words.

-- What takes place again and again: each time is an event of its own (product 8.3).
create table commune.series (
    id bigint primary key,
    organiser_id bigint not null references commune.account on delete cascade,
    rule text not null,                                 -- RRULE, the part of it that is understood
    timezone text not null,
    first_start timestamp not null,                     -- on the clock of the place
    made_until timestamptz not null,                    -- so far there is an event for each time
    ended_at timestamptz                                -- nothing more is made
);
create index series_open on commune.series (made_until) where ended_at is null;

create table commune.event (
    post_id bigint primary key references commune.post on delete cascade,
    name text not null,
    description text not null default '',               -- sanitised HTML, without the sentence
    uid text collate "C" not null,                      -- as calendars know it
    sequence integer not null default 0,
    starts_at timestamptz not null,
    ends_at timestamptz,                                -- null: nobody knows
    timezone text not null,                             -- IANA
    status text not null default 'confirmed' check (status in (
        'confirmed', 'tentative', 'cancelled', 'postponed', 'rescheduled', 'moved online')),
    previous_start timestamptz,                         -- of what was postponed
    category text not null default 'MEETING',
    place_id bigint references commune.place on delete set null,
    place_name text not null default '',
    street text not null default '',
    postal_code text not null default '',
    locality text not null default '',
    latitude double precision,
    longitude double precision,
    online_url text,
    website text,
    price text not null default '',
    join_mode text not null default 'free'
        check (join_mode in ('free', 'restricted', 'invite', 'external', 'none')),
    join_url text,                                      -- where one says so, when it is elsewhere
    capacity integer check (capacity > 0),
    participants integer not null default 0,            -- as counted here, or as its home tells
    anonymous boolean not null default true,            -- also by e-mail, without an account
    organiser_id bigint references commune.account on delete set null,
    named boolean not null default true,                -- the person who organises may be named
    organisers text[] not null default '{}',            -- actor ids, of a stranger's
    series_id bigint references commune.series on delete set null,
    occurrence timestamptz,                             -- which time of the series
    over boolean not null default false,
    reminded_day boolean not null default false,
    reminded_hours boolean not null default false
);
create index event_start on commune.event (starts_at, post_id);
create index event_open on commune.event (starts_at) where not over;
create index event_organiser on commune.event (organiser_id, starts_at);
create unique index event_occurrence on commune.event (series_id, occurrence);
create index event_place on commune.event (place_id) where place_id is not null;

-- In the directory as long as it is for everybody, takes place and is not over.
create function commune.list_event_of(wanted bigint) returns void language plpgsql as $$
declare
    event commune.event;
    post commune.post;
    author commune.account;
begin
    select * into event from commune.event where post_id = wanted;
    if found then
        select * into post from commune.post where id = wanted;
        select * into author from commune.account where id = post.author_id;
    end if;
    if event.post_id is null or event.over or event.status in ('cancelled', 'postponed')
        or post.visibility <> 'public' or post.deleted_at is not null
        or author.suspended_at is not null or author.deleted_at is not null
    then
        delete from commune.listing where subject = 'event' and id = wanted;
        return;
    end if;
    insert into commune.listing as listing (subject, id, kind, name, told, tags, local, domain,
        territory, latitude, longitude, starts_at, ends_at, updated_at)
    values (
        'event', wanted, 'event', event.name, commune.told(event.description),
        array(
            select name from commune.hashtag where post_id = wanted
            union
            select lower(event.category)),
        post.local, author.domain, author.territory, event.latitude, event.longitude,
        event.starts_at, event.ends_at, coalesce(post.edited_at, post.published_at))
    on conflict (subject, id) do update
    set name = excluded.name, told = excluded.told, tags = excluded.tags,
        domain = excluded.domain, territory = excluded.territory, latitude = excluded.latitude,
        longitude = excluded.longitude, starts_at = excluded.starts_at,
        ends_at = excluded.ends_at, updated_at = excluded.updated_at;
end
$$;

create function commune.list_event() returns trigger language plpgsql as $$
begin
    perform commune.list_event_of(new.post_id);
    return null;
end
$$;
create trigger list_event
    after insert or update of name, description, starts_at, ends_at, status, category, latitude,
        longitude, over
    on commune.event
    for each row execute function commune.list_event();

create function commune.unlist_event() returns trigger language plpgsql as $$
begin
    delete from commune.listing where subject = 'event' and id = old.post_id;
    return null;
end
$$;
create trigger unlist_event after delete on commune.event
    for each row execute function commune.unlist_event();

create function commune.list_event_of_post() returns trigger language plpgsql as $$
begin
    perform commune.list_event_of(new.id);
    return null;
end
$$;
create trigger list_event_of_post after update of visibility, deleted_at on commune.post
    for each row
    when (new.type = 'Event'
        and (old.visibility, old.deleted_at) is distinct from (new.visibility, new.deleted_at))
    execute function commune.list_event_of_post();

-- What a suspended or deleted actor announced is hidden with it, and comes back with it.
create function commune.list_events_of() returns trigger language plpgsql as $$
begin
    perform commune.list_event_of(event.post_id)
    from commune.event
    join commune.post on post.id = event.post_id
    where post.author_id = new.id
      and not event.over;
    return null;
end
$$;
create trigger list_events_of after update of suspended_at, deleted_at, domain, territory
    on commune.account
    for each row
    when ((old.suspended_at, old.deleted_at, old.domain, old.territory)
        is distinct from (new.suspended_at, new.deleted_at, new.domain, new.territory))
    execute function commune.list_events_of();

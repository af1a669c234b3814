-- The agenda: what everybody may see of what takes place, with what one looks for in it, so that
-- a month of one commune is read without all that ever took place anywhere. The database keeps
-- it in step, whatever writes there. What is cancelled or over stays.
create table commune.agenda (
    post_id bigint primary key references commune.event (post_id) on delete cascade,
    starts_at timestamptz not null,
    until timestamptz not null,                         -- when it ends; when it begins, if nobody knows
    first_day date not null,                            -- on the clock of the place
    last_day date not null,                             -- the small hours are of the evening before
    lasts boolean not null generated always as (last_day > first_day) stored,
    category text not null,
    domain text collate "C" not null,                   -- of the server it lives on
    author_id bigint not null,
    organiser_id bigint,
    place_id bigint,
    tags text[] not null                                -- as in commune.hashtag
);
create index agenda_start on commune.agenda (starts_at, post_id);
create index agenda_day on commune.agenda (first_day, starts_at, post_id);
create index agenda_domain on commune.agenda (domain, starts_at, post_id);
create index agenda_category on commune.agenda (category, starts_at, post_id);
create index agenda_author on commune.agenda (author_id);
create index agenda_organiser on commune.agenda (organiser_id) where organiser_id is not null;
create index agenda_place on commune.agenda (place_id) where place_id is not null;
create index agenda_tags on commune.agenda using gin (tags);
-- What is not over in a day is found by when it ends: there is little of it.
create index agenda_lasting on commune.agenda (until) where lasts;

-- The day on a clock; a clock that the database does not know goes as UTC does.
create function commune.day_at(moment timestamptz, zone text) returns date
    language plpgsql stable parallel safe as $$
begin
    return (moment at time zone zone)::date;
exception when invalid_parameter_value then
    return (moment at time zone 'UTC')::date;
end
$$;

create function commune.keep_in_agenda(wanted bigint) returns void language plpgsql as $$
begin
    insert into commune.agenda as known (post_id, starts_at, until, first_day, last_day, category,
        domain, author_id, organiser_id, place_id, tags)
    select event.post_id, event.starts_at, coalesce(event.ends_at, event.starts_at),
        commune.day_at(event.starts_at, event.timezone),
        greatest(
            commune.day_at(event.starts_at, event.timezone),
            commune.day_at(event.ends_at - interval '6 hours', event.timezone)),
        event.category, author.domain, author.id, event.organiser_id, event.place_id,
        array(select name from commune.hashtag where post_id = event.post_id)
    from commune.event
    join commune.post on post.id = event.post_id
    join commune.account author on author.id = post.author_id
    where event.post_id = wanted
      and post.visibility = 'public'
      and post.deleted_at is null
      and author.suspended_at is null
      and author.deleted_at is null
    on conflict (post_id) do update
    set starts_at = excluded.starts_at, until = excluded.until,
        first_day = excluded.first_day, last_day = excluded.last_day,
        category = excluded.category, domain = excluded.domain, author_id = excluded.author_id,
        organiser_id = excluded.organiser_id, place_id = excluded.place_id, tags = excluded.tags;
    if not found then
        delete from commune.agenda where post_id = wanted;
    end if;
end
$$;

create function commune.keep_event() returns trigger language plpgsql as $$
begin
    perform commune.keep_in_agenda(new.post_id);
    return null;
end
$$;
create trigger keep_event
    after insert or update of starts_at, ends_at, timezone, category, organiser_id, place_id
    on commune.event
    for each row execute function commune.keep_event();

create function commune.keep_event_of_post() returns trigger language plpgsql as $$
begin
    perform commune.keep_in_agenda(new.id);
    return null;
end
$$;
create trigger keep_event_of_post after update of visibility, deleted_at, author_id on commune.post
    for each row
    when (new.type = 'Event'
        and (old.visibility, old.deleted_at, old.author_id)
            is distinct from (new.visibility, new.deleted_at, new.author_id))
    execute function commune.keep_event_of_post();

-- What a suspended or deleted actor announced is hidden with it, and comes back with it.
create function commune.keep_events_of() returns trigger language plpgsql as $$
begin
    perform commune.keep_in_agenda(event.post_id)
    from commune.event
    join commune.post on post.id = event.post_id
    where post.author_id = new.id;
    return null;
end
$$;
create trigger keep_events_of after update of suspended_at, deleted_at, domain on commune.account
    for each row
    when ((old.suspended_at, old.deleted_at, old.domain)
        is distinct from (new.suspended_at, new.deleted_at, new.domain))
    execute function commune.keep_events_of();

-- The words of a post are written before it becomes an event, and may change without it.
create function commune.keep_tags() returns trigger language plpgsql as $$
begin
    update commune.agenda
    set tags = array(select name from commune.hashtag where post_id = agenda.post_id)
    where post_id in (select post_id from changed);
    return null;
end
$$;
create trigger keep_tags_told after insert on commune.hashtag
    referencing new table as changed
    for each statement execute function commune.keep_tags();
create trigger keep_tags_untold after delete on commune.hashtag
    referencing old table as changed
    for each statement execute function commune.keep_tags();

select commune.keep_in_agenda(post_id) from commune.event;

-- What the communes are called is asked with every page: without all the actors of each.
create index account_commune on commune.account (domain, id) where kind = 'commune';

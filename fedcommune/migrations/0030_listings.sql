-- The directory: everything that can be found by its name, its kind and where it is, in one
-- table. The database keeps it in step with what it lists, whatever writes there: each subject
-- has a trigger of its own.

-- Text to compare and sort by: lower case, no accents.
create function commune.plain(content text) returns text
    language sql immutable parallel safe
    return replace(replace(translate(
        lower(content), 'àâäáãåçéèêëíîïìñóôöòõúûüùýÿ’', 'aaaaaaceeeeiiiinooooouuuuyy'''),
        'œ', 'oe'), 'æ', 'ae');

-- Metres on the Web Mercator plane (EPSG:3857), where what is nearest is nearest on the ground,
-- too, and where a tile of a map is a square. Poles are cut off as on every such map.
create function commune.mercator(latitude double precision, longitude double precision)
    returns point
    language sql immutable parallel safe strict
    return point(
        longitude * 111319.49079327358,
        ln(tan(radians(45 + least(greatest(latitude, -85.05), 85.05) / 2))) * 6378137.0);

-- The tile of a zoom level in which a point lies: its column, its row.
create function commune.tile_x(spot point, level integer) returns integer
    language sql immutable parallel safe strict
    return least(greatest(
        floor((spot[0] + 20037508.342789244) / 40075016.68557849 * (1 << level))::integer,
        0), (1 << level) - 1);
create function commune.tile_y(spot point, level integer) returns integer
    language sql immutable parallel safe strict
    return least(greatest(
        floor((20037508.342789244 - spot[1]) / 40075016.68557849 * (1 << level))::integer,
        0), (1 << level) - 1);

-- array_to_string is only stable, because of types that text[] is not.
create function commune.joined(parts text[]) returns text
    language sql immutable parallel safe
    return array_to_string(parts, ' ');

create table commune.listing (
    subject text not null check (subject in ('account', 'place', 'event', 'classified')),
    id bigint not null,                                 -- of the account, the place, …
    kind text not null,                                 -- association, project, poi, event, offer, …
    name text not null,
    told text not null default '',                      -- some plain words
    tags text[] not null default '{}',                  -- lower case, without the sharp sign
    local boolean not null,
    domain text collate "C" not null,                   -- of the server it lives on
    territory text,                                     -- INSEE code, when it is known
    latitude double precision,
    longitude double precision,
    starts_at timestamptz,                              -- of an event
    ends_at timestamptz,                                -- of an event, of a classified
    updated_at timestamptz not null,
    sorted text collate "C" not null generated always as (commune.plain(name)) stored,
    words tsvector not null generated always as (
        setweight(commune.words(name), 'A')
        || setweight(commune.words(commune.joined(tags)), 'B')
        || setweight(commune.words(told), 'C')) stored,
    spot point generated always as (commune.mercator(latitude, longitude)) stored,
    primary key (subject, id)
);
create index listing_words on commune.listing using gin (words);
create index listing_tags on commune.listing using gin (tags);
create index listing_sorted on commune.listing (sorted, id);
create index listing_kind on commune.listing (kind, sorted, id);
create index listing_domain on commune.listing (domain, sorted, id);
-- One for each subject: who looks for an association does not walk past every bench.
create index listing_spot_account on commune.listing using gist (spot) where subject = 'account';
create index listing_spot_place on commune.listing using gist (spot) where subject = 'place';
create index listing_spot_event on commune.listing using gist (spot) where subject = 'event';
create index listing_spot_classified on commune.listing using gist (spot)
    where subject = 'classified';

-- How many of each kind are in each tile of some levels, for maps of large regions, and the sum
-- of where they are. What changed since the last count is noted beside it: so writers never
-- wait for each other, and the sum of both is always right.
create table commune.listing_cell (
    level smallint not null,
    x integer not null,
    y integer not null,
    kind text not null,
    count integer not null,
    latitudes double precision not null,
    longitudes double precision not null,
    primary key (level, x, y, kind)
);
create table commune.listing_change (
    kind text not null,
    latitude double precision not null,
    longitude double precision not null,
    change smallint not null
);

create function commune.note_listing() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE'
        and (old.kind, old.latitude, old.longitude)
            is not distinct from (new.kind, new.latitude, new.longitude)
    then
        return null;
    end if;
    if tg_op <> 'INSERT' and old.spot is not null then
        insert into commune.listing_change values (old.kind, old.latitude, old.longitude, -1);
    end if;
    if tg_op <> 'DELETE' and new.spot is not null then
        insert into commune.listing_change values (new.kind, new.latitude, new.longitude, 1);
    end if;
    return null;
end
$$;
create trigger note_listing after insert or update or delete on commune.listing
    for each row execute function commune.note_listing();

-- Plain words out of clean HTML, enough of them for a line in a list.
create function commune.told(content text) returns text
    language sql immutable parallel safe
    return left(btrim(regexp_replace(
        replace(replace(replace(replace(replace(
            regexp_replace(content, '<[^>]*>', ' ', 'g'),
            '&lt;', '<'), '&gt;', '>'), '&quot;', '"'), '&#39;', ''''), '&amp;', '&'),
        '\s+', ' ', 'g')), 300);

-- Actors: whoever speaks for more than themselves, and people who said that they want to be in
-- the directory; never who is suspended, gone, moved away or does not want to be found.
create function commune.list_account() returns trigger language plpgsql as $$
begin
    if new.suspended_at is not null or new.deleted_at is not null or new.moved_to is not null
        or not new.discoverable
        or not (
            new.kind in ('association', 'business', 'authority', 'group', 'project')
            or (new.kind = 'citizen' and coalesce(new.details -> 'listed' = 'true'::jsonb, false))
        )
    then
        if tg_op = 'UPDATE' then
            delete from commune.listing where subject = 'account' and id = new.id;
        end if;
        return null;
    end if;
    insert into commune.listing as listing (subject, id, kind, name, told, tags, local, domain,
        territory, latitude, longitude, updated_at)
    values (
        'account', new.id, new.kind,
        coalesce(nullif(new.name, ''), new.username),
        commune.told(new.summary),
        coalesce(
            (select array_agg(lower(tag)) from jsonb_array_elements_text(
                case jsonb_typeof(new.details -> 'tags')
                    when 'array' then new.details -> 'tags' else '[]' end) tag),
            '{}'),
        new.local, new.domain, new.territory, new.latitude, new.longitude, new.updated_at)
    on conflict (subject, id) do update
    set kind = excluded.kind, name = excluded.name, told = excluded.told, tags = excluded.tags,
        domain = excluded.domain, territory = excluded.territory, latitude = excluded.latitude,
        longitude = excluded.longitude, updated_at = excluded.updated_at
    where (listing.kind, listing.name, listing.told, listing.tags, listing.domain,
            listing.territory, listing.latitude, listing.longitude)
        is distinct from (excluded.kind, excluded.name, excluded.told, excluded.tags,
            excluded.domain, excluded.territory, excluded.latitude, excluded.longitude);
    return null;
end
$$;
create trigger list_account
    after insert or update of kind, name, summary, username, domain, details, discoverable,
        territory, latitude, longitude, moved_to, suspended_at, deleted_at
    on commune.account
    for each row execute function commune.list_account();

create function commune.unlist_account() returns trigger language plpgsql as $$
begin
    delete from commune.listing where subject = 'account' and id = old.id;
    return null;
end
$$;
create trigger unlist_account after delete on commune.account
    for each row execute function commune.unlist_account();

-- Everybody who is here already.
update commune.account set discoverable = discoverable;

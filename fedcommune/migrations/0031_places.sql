-- Places: what one can go to and nobody speaks for: a compost, a bench, a box of books, a shop
-- that has no account yet.

create table commune.place (
    id bigint primary key,
    object_id text collate "C" not null unique,
    local boolean not null,
    owner_id bigint not null references commune.account on delete cascade, -- who says that it is there
    kind text not null check (kind in ('poi', 'association', 'business', 'authority')),
    category text not null default '',                  -- what kind of poi: compostPickup, sharedLibrary, …
    name text not null,
    summary text not null default '',                   -- one plain sentence
    content text not null default '',                   -- sanitised HTML
    source text not null default '',                    -- what was typed, for ours
    latitude double precision not null,
    longitude double precision not null,
    street text not null default '',
    postal_code text not null default '',
    locality text not null default '',
    opening_hours text not null default '',             -- as OpenStreetMap writes them
    accessibility text not null default '' check (accessibility in ('', 'yes', 'limited', 'no')),
    website text,
    tags text[] not null default '{}',                  -- lower case, without the sharp sign
    same_as text[] not null default '{}',               -- addresses of the same place elsewhere
    claimable boolean not null default false,
    claimed_by bigint references commune.account on delete set null,
    imported_as text collate "C" unique,                -- source and id there: nothing comes twice
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz
);
create index place_owner on commune.place (owner_id);
create index place_claimed on commune.place (claimed_by) where claimed_by is not null;

-- Who changed what, since everybody may correct a place.
create table commune.place_revision (
    place_id bigint not null references commune.place on delete cascade,
    number integer not null,
    account_id bigint references commune.account on delete set null,
    before jsonb not null,
    changed_at timestamptz not null,
    primary key (place_id, number)
);

-- In the directory: until it is gone, somebody speaks for it, or who says so is hidden.
create function commune.list_place() returns trigger language plpgsql as $$
declare
    owner commune.account;
begin
    if new.deleted_at is not null or new.claimed_by is not null then
        delete from commune.listing where subject = 'place' and id = new.id;
        return null;
    end if;
    select * into owner from commune.account where id = new.owner_id;
    insert into commune.listing as listing (subject, id, kind, name, told, tags, local, domain,
        territory, latitude, longitude, updated_at)
    values (
        'place', new.id, new.kind, new.name,
        coalesce(nullif(new.summary, ''), commune.told(new.content)),
        case when new.category = '' then new.tags
            else array_append(array_remove(new.tags, lower(new.category)), lower(new.category)) end,
        new.local, owner.domain, owner.territory, new.latitude, new.longitude, new.updated_at)
    on conflict (subject, id) do update
    set kind = excluded.kind, name = excluded.name, told = excluded.told, tags = excluded.tags,
        domain = excluded.domain, territory = excluded.territory, latitude = excluded.latitude,
        longitude = excluded.longitude, updated_at = excluded.updated_at;
    return null;
end
$$;
create trigger list_place after insert or update on commune.place
    for each row execute function commune.list_place();

create function commune.unlist_place() returns trigger language plpgsql as $$
begin
    delete from commune.listing where subject = 'place' and id = old.id;
    return null;
end
$$;
create trigger unlist_place after delete on commune.place
    for each row execute function commune.unlist_place();

-- What a suspended or deleted actor said is there is hidden with it, and comes back with it.
create function commune.list_places_of() returns trigger language plpgsql as $$
begin
    if new.suspended_at is not null or new.deleted_at is not null then
        delete from commune.listing
        where subject = 'place'
          and id in (select id from commune.place where owner_id = new.id);
    else
        update commune.place set owner_id = owner_id where owner_id = new.id;
    end if;
    return null;
end
$$;
create trigger list_places_of after update of suspended_at, deleted_at, domain, territory
    on commune.account
    for each row
    when ((old.suspended_at, old.deleted_at, old.domain, old.territory)
        is distinct from (new.suspended_at, new.deleted_at, new.domain, new.territory))
    execute function commune.list_places_of();

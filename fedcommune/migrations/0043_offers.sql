-- Classifieds and needs: what a post offers or asks for, until when, and for whom.

create table commune.offer (
    post_id bigint primary key references commune.post on delete cascade,
    kind text not null check (kind in ('classified', 'need')),
    purpose text not null check (purpose in ('offer', 'request')),
    title text not null,                                -- plain text
    exchange text not null default ''                   -- nothing: a stranger did not say
        check (exchange in ('', 'gift', 'loan', 'exchange', 'sale')),
    category text not null default '',
    price numeric(9, 2),
    currency text not null default '',                  -- EUR, G1, time (hours), or as a stranger says
    state text not null default 'open' check (state in ('open', 'fulfilled', 'expired')),
    scope text not null default 'public' check (scope in ('commune', 'neighbours', 'public')),
    place text not null default '',                     -- a quarter or a commune, never an address
    latitude double precision,                          -- rounded to about a kilometre
    longitude double precision,
    expires_at timestamptz,                             -- null: a stranger did not say
    reminded_at timestamptz,                            -- when its author was told that it ends soon
    wanted text not null default '' check (wanted in ('', 'people', 'material', 'money')),
    needed_by timestamptz,
    helpers_wanted integer,
    helpers integer not null default 0,
    shape text not null default 'commune'               -- how a stranger said it
        check (shape in ('commune', 'proposal', 'flohmarkt'))
);
create index offer_open on commune.offer (post_id desc) where state = 'open';
create index offer_ending on commune.offer (expires_at) where state = 'open';

-- In the directory: what is open and for everybody, while its author is neither hidden nor gone.
create function commune.list_offer(listed bigint) returns void language plpgsql as $$
begin
    insert into commune.listing as listing (subject, id, kind, name, told, tags, local, domain,
        territory, latitude, longitude, ends_at, updated_at)
    select 'classified', post.id, offer.purpose, offer.title,
        btrim(case when starts_with(commune.told(post.content), offer.title)
            then substr(commune.told(post.content), length(offer.title) + 1)
            else commune.told(post.content) end),
        (select coalesce(array_agg(distinct word), '{}') from unnest(
            array[offer.category, offer.exchange]
            || (select array_agg(name) from commune.hashtag where post_id = post.id)) word
            where word <> ''),
        post.local, author.domain, author.territory, offer.latitude, offer.longitude,
        offer.expires_at, coalesce(post.edited_at, post.published_at)
    from commune.offer
    join commune.post on post.id = offer.post_id
    join commune.account author on author.id = post.author_id
    where offer.post_id = listed
      and offer.state = 'open'
      and offer.scope = 'public'
      and post.visibility = 'public'
      and post.deleted_at is null
      and author.suspended_at is null
      and author.deleted_at is null
    on conflict (subject, id) do update
    set kind = excluded.kind, name = excluded.name, told = excluded.told, tags = excluded.tags,
        domain = excluded.domain, territory = excluded.territory, latitude = excluded.latitude,
        longitude = excluded.longitude, ends_at = excluded.ends_at,
        updated_at = excluded.updated_at;
    if not found then
        delete from commune.listing where subject = 'classified' and id = listed;
    end if;
end
$$;

create function commune.list_offer_now() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' then
        delete from commune.listing where subject = 'classified' and id = old.post_id;
    else
        perform commune.list_offer(new.post_id);
    end if;
    return null;
end
$$;
create trigger list_offer after insert or update or delete on commune.offer
    for each row execute function commune.list_offer_now();

create function commune.list_offer_of_post() returns trigger language plpgsql as $$
begin
    if exists (select from commune.offer where post_id = new.id) then
        perform commune.list_offer(new.id);
    end if;
    return null;
end
$$;
create trigger list_offer_of_post after update of visibility, content, deleted_at on commune.post
    for each row
    when ((old.visibility, old.content, old.deleted_at)
        is distinct from (new.visibility, new.content, new.deleted_at))
    execute function commune.list_offer_of_post();

-- What a suspended or deleted actor offers is hidden with it, and comes back with it.
create function commune.list_offers_of() returns trigger language plpgsql as $$
begin
    perform commune.list_offer(offer.post_id)
    from commune.offer
    join commune.post on post.id = offer.post_id
    where post.author_id = new.id
      and offer.state = 'open';
    return null;
end
$$;
create trigger list_offers_of after update of suspended_at, deleted_at, domain, territory
    on commune.account
    for each row
    when ((old.suspended_at, old.deleted_at, old.domain, old.territory)
        is distinct from (new.suspended_at, new.deleted_at, new.domain, new.territory))
    execute function commune.list_offers_of();

-- What people show of themselves and to whom, links that one hides, websites that lead back to
-- a profile, and places that nobody speaks for yet in the lists of citizens.

-- Whoever takes part in something may hide that; those who host it know all the same.
alter table commune.link add column hidden boolean not null default false;

-- What a citizen tells of themselves, each for everybody, for people they are linked with, or
-- for nobody. The row "links" holds no value: it says who sees what they take part in.
create table commune.personal_fact (
    account_id bigint not null references commune.account on delete cascade,
    name text not null check (name in ('email', 'phone', 'birth_date', 'locality', 'links')),
    value text not null default '',
    seen_by text not null default 'private' check (seen_by in ('public', 'linked', 'private')),
    primary key (account_id, name)
);

-- Addresses that a profile of ours names: verified while that page links back with rel=me.
create table commune.website_proof (
    account_id bigint not null references commune.account on delete cascade,
    url text not null,
    verified_at timestamptz,
    attempts integer not null default 0,
    due_at timestamptz not null,
    primary key (account_id, url)
);
create index website_proof_due on commune.website_proof (due_at);

-- Places stand in lists beside actors; other software, which knows only actors, is not told.
create table commune.collection_place (
    collection_id bigint not null references commune.collection on delete cascade,
    place_id bigint not null references commune.place on delete cascade,
    created_at timestamptz not null,
    primary key (collection_id, place_id)
);
create index collection_place_place on commune.collection_place (place_id);

-- Whether two actors are linked: each follows the other, both take part in the same thing, or
-- one takes part in the other.
create function commune.linked(one bigint, other bigint) returns boolean
    language sql stable
    return one = other
    or (
        exists (select from commune.follow
            where follower_id = one and followed_id = other and state = 'accepted')
        and exists (select from commune.follow
            where follower_id = other and followed_id = one and state = 'accepted'))
    or exists (select from commune.link mine
        join commune.link theirs on theirs.target_id = mine.target_id
        where mine.subject_id = one and theirs.subject_id = other
          and mine.state = 'active' and theirs.state = 'active')
    or exists (select from commune.link
        where state = 'active'
          and ((subject_id = one and target_id = other)
            or (subject_id = other and target_id = one)));

-- Whether a reader (null: anybody) sees that somebody takes part in something: the two sides
-- and those who run it always; others unless it is hidden, or kept among people who are linked.
create function commune.shows_link(reader bigint, shown commune.link) returns boolean
    language sql stable
    return coalesce(reader in (shown.subject_id, shown.target_id), false)
    or exists (select from commune.link mine
        where mine.subject_id = reader and mine.target_id = shown.target_id
          and mine.state = 'active' and mine.is_admin)
    or (not shown.hidden and case coalesce(
            (select seen_by from commune.personal_fact
             where account_id = shown.subject_id and name = 'links'), 'public')
        when 'public' then true
        when 'linked' then reader is not null and commune.linked(reader, shown.subject_id)
        else false end);

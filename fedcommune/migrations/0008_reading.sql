-- How each person reads: what they kept, where they stopped, what they no longer want to hear of.

create table commune.bookmark (
    id bigint primary key,
    account_id bigint not null references commune.account on delete cascade,
    post_id bigint not null references commune.post on delete cascade,
    created_at timestamptz not null,
    unique (account_id, post_id)
);
create index bookmark_account on commune.bookmark (account_id, id desc);
create index bookmark_post on commune.bookmark (post_id);

create table commune.thread_mute (
    account_id bigint not null references commune.account on delete cascade,
    conversation text collate "C" not null,
    created_at timestamptz not null,
    primary key (account_id, conversation)
);

create table commune.marker (
    account_id bigint not null references commune.account on delete cascade,
    timeline text not null check (timeline in ('home', 'notifications')),
    last_read_id bigint not null,
    version integer not null default 1,
    updated_at timestamptz not null,
    primary key (account_id, timeline)
);

create table commune.followed_tag (
    id bigint primary key,
    account_id bigint not null references commune.account on delete cascade,
    name text not null,                                 -- lower case, without the sharp sign
    created_at timestamptz not null,
    unique (account_id, name)
);
create index followed_tag_account on commune.followed_tag (account_id, id desc);

create table commune.featured_tag (
    id bigint primary key,
    account_id bigint not null references commune.account on delete cascade,
    name text not null,
    created_at timestamptz not null,
    unique (account_id, name)
);

-- The same key within an hour is the same request, and gets the same answer.
create table commune.idempotency (
    account_id bigint not null references commune.account on delete cascade,
    key text not null,
    result_id bigint not null,                          -- what the first request made
    created_at timestamptz not null,
    primary key (account_id, key)
);
create index idempotency_age on commune.idempotency (created_at);

-- The program that somebody wrote with, as that program calls itself.
alter table commune.post add column application text;
alter table commune.post add column application_website text;

-- Where posts lead to, for what is talked about.
create table commune.post_link (
    post_id bigint not null references commune.post on delete cascade,
    url text collate "C" not null,
    primary key (post_id, url)
);
create index post_link_url on commune.post_link (url, post_id desc);

-- Home begins with the newest that each of many people began.
create index post_begins on commune.post (author_id, id desc)
    where deleted_at is null and in_reply_to is null
      and visibility in ('public', 'unlisted', 'followers');
create index post_public_remote on commune.post (id desc)
    where not local and visibility = 'public' and deleted_at is null;
create index reaction_boost on commune.reaction (account_id, id desc) where kind = 'boost';
create index account_prefix on commune.account (lower(username) text_pattern_ops);

create index post_url on commune.post (url) where url is not null;

-- Words to search for: without markup and accents, by their French stems, which leave the
-- words of other languages nearly alone.
create function commune.words(content text) returns tsvector
    language sql immutable parallel safe
    return to_tsvector('pg_catalog.french'::regconfig, translate(
        lower(regexp_replace(content, '<[^>]*>', ' ', 'g')),
        'àâäáãåçéèêëíîïìñóôöòõúûüùýÿ', 'aaaaaaceeeeiiiinooooouuuuyy'));
create function commune.wanted(words text) returns tsquery
    language sql immutable parallel safe
    return websearch_to_tsquery('pg_catalog.french'::regconfig, translate(
        lower(words),
        'àâäáãåçéèêëíîïìñóôöòõúûüùýÿ', 'aaaaaaceeeeiiiinooooouuuuyy'));
create index post_words on commune.post using gin (commune.words(title || ' ' || content))
    where deleted_at is null;
create index account_words on commune.account using gin (commune.words(name || ' ' || username));

-- How many follow somebody, how many they follow, how much they wrote: shown beside every post.
-- The database counts, whatever adds or removes a row: an account that is purged takes its
-- follows with it, and nobody's action says so.
create table commune.tally (
    account_id bigint primary key references commune.account on delete cascade,
    followers integer not null default 0,
    following integer not null default 0,
    posts integer not null default 0,                   -- those that anybody may read
    last_post_at timestamptz
);

insert into commune.tally (account_id, followers, following, posts, last_post_at)
select account.id,
       (select count(*) from commune.follow where followed_id = account.id and state = 'accepted'),
       (select count(*) from commune.follow where follower_id = account.id and state = 'accepted'),
       count(post.id),
       max(post.published_at)
from commune.account
left join commune.post on post.author_id = account.id
    and post.deleted_at is null
    and post.visibility in ('public', 'unlisted')
group by account.id;

create function commune.count_follow() returns trigger language plpgsql as $$
declare
    change integer := coalesce((new.state = 'accepted')::integer, 0)
        - coalesce((old.state = 'accepted')::integer, 0);
begin
    if change <> 0 then
        -- Both rows in one order, so that two who follow each other wait instead of clashing.
        insert into commune.tally (account_id, followers, following)
        select account.id, each.followers, each.following
        from (values
            (coalesce(new.follower_id, old.follower_id), 0, change),
            (coalesce(new.followed_id, old.followed_id), change, 0)
        ) each (account_id, followers, following)
        join commune.account on account.id = each.account_id
        order by account.id
        on conflict (account_id) do update
        set followers = tally.followers + excluded.followers,
            following = tally.following + excluded.following;
    end if;
    return null;
end
$$;
create trigger count_follow after insert or delete or update of state on commune.follow
    for each row execute function commune.count_follow();

create function commune.count_post() returns trigger language plpgsql as $$
declare
    change integer := coalesce(
            (new.deleted_at is null and new.visibility in ('public', 'unlisted'))::integer, 0)
        - coalesce(
            (old.deleted_at is null and old.visibility in ('public', 'unlisted'))::integer, 0);
begin
    if change <> 0 then
        insert into commune.tally (account_id, posts, last_post_at)
        select account.id, change, case when change > 0 then new.published_at end
        from commune.account
        where account.id = coalesce(new.author_id, old.author_id)
        on conflict (account_id) do update
        set posts = tally.posts + excluded.posts,
            last_post_at = greatest(tally.last_post_at, excluded.last_post_at);
    end if;
    return null;
end
$$;
create trigger count_post after insert or delete or update of deleted_at, visibility
    on commune.post
    for each row execute function commune.count_post();

-- What a list says of a post keeps its paragraphs apart: a title, a line of facts or a list, which
-- no mark ends, is no part of the sentence that follows.
create or replace function commune.told(content text) returns text
    language sql immutable parallel safe
    return left(btrim(regexp_replace(
        replace(replace(replace(replace(replace(replace(replace(
            regexp_replace(
                regexp_replace(
                    regexp_replace(content,
                        '([^[:space:].,:;!?…»>])((</[a-z0-9]+>)*</(blockquote|div|h[1-6]|li|p)>)(?=\s*<[a-z])',
                        '\1 ·\2', 'g'),
                    '</?(a|abbr|b|bdi|code|del|em|i|s|small|span|strong|u)( [^>]*)?>', '', 'g'),
                '<[^>]*>', ' ', 'g'),
            '&lt;', '<'), '&gt;', '>'), '&quot;', '"'), '&#39;', ''''), '&#x27;', ''''), '&nbsp;', ' '),
            '&amp;', '&'),
        '\s+', ' ', 'g')), 300);

-- The title stands above what a list tells of a classified, and how to answer it on its page.
create or replace function commune.list_offer(listed bigint) returns void language plpgsql as $$
begin
    insert into commune.listing as listing (subject, id, kind, name, told, tags, local, domain,
        territory, latitude, longitude, ends_at, updated_at)
    select 'classified', post.id, offer.purpose, offer.title,
        case when starts_with(words.told, offer.title)
            then ltrim(substr(words.told, length(offer.title) + 1), ' ·')
            else words.told end,
        (select coalesce(array_agg(distinct word), '{}') from unnest(
            array[offer.category, offer.exchange]
            || (select array_agg(name) from commune.hashtag where post_id = post.id)) word
            where word <> ''),
        post.local, author.domain, author.territory, offer.latitude, offer.longitude,
        offer.expires_at, coalesce(post.edited_at, post.published_at)
    from commune.offer
    join commune.post on post.id = offer.post_id
    join commune.account author on author.id = post.author_id
    cross join lateral (select commune.told(case when offer.shape = 'commune'
        then regexp_replace(post.content, '<p>[^<]*</p>\s*$', '')
        else post.content end) as told) words
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

do $$
begin
    perform commune.list_offer(post_id) from commune.offer where state = 'open';
end
$$;

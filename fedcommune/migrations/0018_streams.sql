-- What is told live. Whatever changes says so itself, in its own transaction, so that nobody who
-- changes it can forget to: PostgreSQL passes it on when the change is kept. Only ids are told;
-- each process looks up for itself what its readers may see of them.

create function commune.stream_post() returns trigger language plpgsql as $$
begin
    if tg_op = 'INSERT' then
        perform pg_notify('streams', 'post ' || new.id);
    elsif new.deleted_at is not null then
        if old.deleted_at is null then
            perform commune.stream_gone(old);
        end if;
    elsif new.visibility <> old.visibility then
        -- Who may no longer read it loses it; who still may gets it anew.
        perform commune.stream_gone(old);
        perform pg_notify('streams', 'post ' || new.id);
    elsif new.edited_at is distinct from old.edited_at then
        perform pg_notify('streams', 'edit ' || new.id);
    end if;
    return null;
end
$$;

-- Says that a post is gone, whose it was, for whom, and whom of ours it addressed: what is
-- needed to tell nobody else of it, for after this the post no longer says so (SEC-VIS-05).
create function commune.stream_gone(gone commune.post) returns void language plpgsql as $$
begin
    perform pg_notify('streams', concat_ws(
        ' ', 'gone', gone.visibility, gone.id, gone.author_id,
        (
            select string_agg(addressed.id::text, ' ')
            from (
                select account.id
                from commune.mention
                join commune.account on account.id = mention.account_id
                where mention.post_id = gone.id
                  and account.local
                limit 200
            ) addressed
        )
    ));
end
$$;

create function commune.stream_purged() returns trigger language plpgsql as $$
begin
    if old.deleted_at is null then
        perform commune.stream_gone(old);
    end if;
    return old;
end
$$;

create trigger stream_post after insert or update of deleted_at, edited_at, visibility
    on commune.post
    for each row execute function commune.stream_post();
-- Before: afterwards nothing says any more whom the post addressed.
create trigger stream_purged before delete on commune.post
    for each row execute function commune.stream_purged();

create function commune.stream_boost() returns trigger language plpgsql as $$
begin
    if tg_op = 'INSERT' then
        perform pg_notify('streams', 'boost ' || new.id);
    else
        perform pg_notify('streams', 'unboost ' || old.id || ' ' || old.account_id);
    end if;
    return null;
end
$$;
create trigger stream_boost after insert on commune.reaction
    for each row when (new.kind = 'boost') execute function commune.stream_boost();
create trigger stream_unboost after delete on commune.reaction
    for each row when (old.kind = 'boost') execute function commune.stream_boost();

create function commune.stream_notification() returns trigger language plpgsql as $$
begin
    if tg_op = 'INSERT' then
        perform pg_notify('streams', 'told ' || new.id || ' ' || new.account_id);
    else
        perform pg_notify('streams', 'merged ' || new.account_id);
    end if;
    return null;
end
$$;
create trigger stream_notification after insert on commune.notification
    for each row when (not new.waiting) execute function commune.stream_notification();
create trigger stream_merged after update of waiting on commune.notification
    for each row when (old.waiting and not new.waiting)
    execute function commune.stream_notification();

create function commune.stream_filter() returns trigger language plpgsql as $$
declare
    changed jsonb := coalesce(to_jsonb(new), to_jsonb(old));
    owner bigint := coalesce(
        (changed ->> 'account_id')::bigint,
        (select account_id from commune.filter where id = (changed ->> 'filter_id')::bigint)
    );
begin
    -- A keyword that goes with its whole filter has nobody left to tell: the filter did.
    if owner is not null then
        perform pg_notify('streams', 'filters ' || owner);
    end if;
    return null;
end
$$;
create trigger stream_filter after insert or update or delete on commune.filter
    for each row execute function commune.stream_filter();
create trigger stream_filter_keyword after insert or update or delete on commune.filter_keyword
    for each row execute function commune.stream_filter();
create trigger stream_filter_post after insert or update or delete on commune.filter_post
    for each row execute function commune.stream_filter();

-- Who may no longer do something is told to whoever holds something open for them
-- (SEC-VIS-05, SEC-AUT-04), whichever way they lost it.
create function commune.stream_token() returns trigger language plpgsql as $$
begin
    perform pg_notify('citizens', old.citizen_id::text);
    return null;
end
$$;
create trigger stream_token_revoked after update of revoked_at on commune.token
    for each row when (new.revoked_at is not null and old.revoked_at is null
        and old.citizen_id is not null)
    execute function commune.stream_token();
create trigger stream_token_gone after delete on commune.token
    for each row when (old.citizen_id is not null) execute function commune.stream_token();

create function commune.stream_account() returns trigger language plpgsql as $$
begin
    perform pg_notify('citizens', old.id::text);
    return null;
end
$$;
create trigger stream_account after update of suspended_at, deleted_at on commune.account
    for each row when (old.local and (
        new.suspended_at is distinct from old.suspended_at
        or new.deleted_at is distinct from old.deleted_at
    ))
    execute function commune.stream_account();

create function commune.stream_link() returns trigger language plpgsql as $$
begin
    perform pg_notify('citizens', old.subject_id::text);
    return null;
end
$$;
create trigger stream_link after update of state, is_admin on commune.link
    for each row when (old.is_admin and old.state = 'active'
        and not (new.is_admin and new.state = 'active'))
    execute function commune.stream_link();
create trigger stream_link_gone after delete on commune.link
    for each row when (old.is_admin) execute function commune.stream_link();

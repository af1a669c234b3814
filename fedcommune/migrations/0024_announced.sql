-- What the commune announces is told live, too (0018 says how): ids only, after the commit.

create function commune.tell_announcement() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' then
        perform pg_notify('streams', 'announcement.delete ' || old.id);
    elsif new.ended_at is not null then
        if tg_op = 'UPDATE' and old.ended_at is null then
            perform pg_notify('streams', 'announcement.delete ' || new.id);
        end if;
    else
        perform pg_notify('streams', 'announcement ' || new.id);
    end if;
    return null;
end
$$;
create trigger tell_announcement after insert or update or delete on commune.announcement
    for each row execute function commune.tell_announcement();

create function commune.tell_announcement_reaction() returns trigger language plpgsql as $$
begin
    perform pg_notify('streams', concat_ws(' ', 'announcement.reaction',
        coalesce(new.announcement_id, old.announcement_id), coalesce(new.name, old.name)));
    return null;
end
$$;
create trigger tell_announcement_reaction after insert or delete on commune.announcement_reaction
    for each row execute function commune.tell_announcement_reaction();

-- How a poll stands looks different without an edit, unless nobody may know yet.
create function commune.tell_poll() returns trigger language plpgsql as $$
begin
    perform pg_notify('streams', 'edit ' || new.post_id);
    return null;
end
$$;
create trigger tell_poll after update on commune.poll
    for each row
    when (old.votes is distinct from new.votes and not new.hides_totals)
    execute function commune.tell_poll();

-- The counts of the map are kept for each server, too, so that a map of one commune alone costs
-- no more than one of them all. The empty name stands for all servers together.
truncate commune.listing_cell, commune.listing_change;
alter table commune.listing_cell
    add column domain text collate "C" not null,
    drop constraint listing_cell_pkey,
    add primary key (domain, level, x, y, kind);
create index listing_cell_empty on commune.listing_cell (level) where count <= 0;
alter table commune.listing_change add column domain text collate "C" not null;

create or replace function commune.note_listing() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE'
        and (old.kind, old.domain, old.latitude, old.longitude)
            is not distinct from (new.kind, new.domain, new.latitude, new.longitude)
    then
        return null;
    end if;
    if tg_op <> 'INSERT' and old.spot is not null then
        insert into commune.listing_change (kind, latitude, longitude, change, domain)
        values (old.kind, old.latitude, old.longitude, -1, old.domain);
    end if;
    if tg_op <> 'DELETE' and new.spot is not null then
        insert into commune.listing_change (kind, latitude, longitude, change, domain)
        values (new.kind, new.latitude, new.longitude, 1, new.domain);
    end if;
    return null;
end
$$;

-- What is listed already is counted by the chore; until then it is among the changes.
insert into commune.listing_change (kind, latitude, longitude, change, domain)
select kind, latitude, longitude, 1, domain
from commune.listing
where spot is not null;

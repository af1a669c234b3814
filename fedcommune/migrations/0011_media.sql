-- Pictures, sounds and films: what people send us, and our own copies of strangers' pictures.

-- Every file in the store that somebody may be shown, or that is still needed; a file without a
-- row is swept away. A row without media type was sent and is not looked into yet.
create table commune.file (
    name text collate "C" primary key,                  -- random: whoever knows it was told it
    media_type text not null,
    size bigint not null,
    created_at timestamptz not null
);

create table commune.media (
    id bigint primary key,
    account_id bigint not null references commune.account on delete cascade,
    post_id bigint references commune.post on delete set null,
    kind text not null check (kind in ('image', 'gifv', 'video', 'audio')),
    state text not null default 'ready' check (state in ('ready', 'waiting', 'failed')),
    attempts smallint not null default 0,
    leased_until timestamptz,
    whole text collate "C" references commune.file,     -- while it waits: what was sent
    small text collate "C" references commune.file,
    description text not null default '',
    width integer,
    height integer,
    small_width integer,
    small_height integer,
    focus_x double precision,
    focus_y double precision,
    duration double precision,                          -- seconds
    blurhash text,
    created_at timestamptz not null                     -- or since when it hangs on nothing
);
create index media_post on commune.media (post_id) where post_id is not null;
create index media_loose on commune.media (account_id, created_at) where post_id is null;
create index media_waiting on commune.media (id) where state = 'waiting';

-- The face and the banner of an actor of ours; their addresses stand in commune.account.
create table commune.portrait (
    account_id bigint not null references commune.account on delete cascade,
    part text not null check (part in ('icon', 'image')),
    file text collate "C" not null references commune.file,
    primary key (account_id, part)
);

-- Our copies of strangers' pictures, least recently shown first to go. Without a file: it could
-- not be had, and is not asked for again before that moment.
create table commune.copy (
    digest bytea primary key,                           -- SHA-256 of purpose and address
    whole text collate "C" references commune.file,
    small text collate "C" references commune.file,
    size bigint not null default 0,
    fetched_at timestamptz not null,
    shown_at timestamptz not null,
    again_at timestamptz
);
create index copy_shown on commune.copy (shown_at);

-- Whatever removes a row that names files, the files go with it.
create function commune.drop_media_files() returns trigger language plpgsql as $$
begin
    delete from commune.file where name in (old.whole, old.small);
    return null;
end
$$;
create trigger drop_media_files after delete on commune.media
    for each row execute function commune.drop_media_files();
create trigger drop_copy_files after delete on commune.copy
    for each row execute function commune.drop_media_files();
create function commune.drop_file() returns trigger language plpgsql as $$
begin
    delete from commune.file where name = old.file;
    return null;
end
$$;
create trigger drop_portrait_file after delete on commune.portrait
    for each row execute function commune.drop_file();

alter table commune.attachment
    add column media_id bigint references commune.media on delete cascade,
    add column preview_url text,
    add column preview_width integer,
    add column preview_height integer,
    add column focus_x double precision,
    add column focus_y double precision,
    add column duration double precision;
create index attachment_media on commune.attachment (media_id) where media_id is not null;

-- Which event a line of a file has become, so that nothing comes twice, what changed at its
-- source is seen, and an import that was cut off goes on where it stopped.
create table commune.imported_event (
    source text collate "C" not null,                   -- communecter, ics:the-name-of-a-file, …
    key text collate "C" not null,                      -- its id there; of a time of a series, also which
    uid text collate "C" not null,                      -- the id without the time
    post_id bigint not null references commune.post on delete cascade,
    digest bytea not null,                              -- of what the source said the last time
    sequence integer not null,                          -- how often the event had changed back then
    primary key (source, key)
);
create unique index imported_event_post on commune.imported_event (post_id);
create index imported_event_uid on commune.imported_event (source, uid);
-- An import asks whether what it reads came from a calendar of ours.
create index event_uid on commune.event (uid);

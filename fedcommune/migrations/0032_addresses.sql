-- What the national address base said of an address, so that it is asked once.
create table commune.geocoded (
    query text primary key,                             -- as typed, in lower case, with its single spaces
    answer jsonb not null,                              -- [{"label": …, "latitude": …, …}], perhaps none
    told_at timestamptz not null
);
create index geocoded_age on commune.geocoded (told_at);

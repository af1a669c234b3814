-- What was imported from where, so that nothing comes twice, what changed at its source is seen,
-- and an import that was cut off goes on where it stopped.
create table commune.imported (
    source text collate "C" not null,                   -- osm, sirene, the name of a file, …
    key text collate "C" not null,                      -- its id there
    place_id bigint not null references commune.place on delete cascade,
    digest bytea not null,                              -- of what the source said the last time
    revision integer not null,                          -- the last change of the place back then
    primary key (source, key)
);
create unique index imported_place on commune.imported (place_id);
-- An import asks for these numbers, line by line.
create index organisation_siret on commune.organisation (siret) where siret is not null;
create index organisation_rna on commune.organisation (rna) where rna is not null;

-- The document of every post asks whether it tells of a place.
create index place_note on commune.place (note_id) where note_id is not null;

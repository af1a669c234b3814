-- Everything by where it is, with what one asks of a map: the index alone answers how much of
-- which kind and of which server is in a street, and together with that of words and tags, what
-- of it has them.
create index listing_spot on commune.listing
    using gist (spot) include (kind, domain, subject, id);

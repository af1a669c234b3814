-- Where something is together with what it is found by: what is nearest with words, tags or of one
-- server is walked to from the nearest on, past everything else, and the walk ends with the last
-- that is wanted. By a name of its own, because it is slow where much is found: who counts what is
-- in a part of the map must not be led here.
create function commune.walkable(words tsvector, kind text, tags text[], domain text)
    returns tsvector
    language sql immutable parallel safe cost 5000        -- always by the index
    return commune.findable(words, kind, tags, domain);

create index listing_nearest on commune.listing
    using gist (spot, commune.walkable(words, kind, tags, domain) tsvector_ops (siglen = 64));

-- What something in the directory is found by, in one index: its words, and as words of their
-- own its kind (=event), its tags (#jardin) and its server (@saint-leu.re). So any of them
-- together are looked up without reading what has only some of them.
create function commune.findable(words tsvector, kind text, tags text[], domain text)
    returns tsvector
    language sql immutable parallel safe cost 5000        -- always by the index
    return words || array_to_tsvector(
        array['=' || kind, '@' || left(domain, 300)]
        || array(select '#' || left(tag, 300) from unnest(tags) tag where tag is not null));

-- The words that somebody typed, together with terms like those above; what says nothing finds
-- nothing.
create function commune.sought(content text, terms text) returns tsquery
    language sql immutable parallel safe
    return case
        when content = '' then terms::tsquery
        when numnode(commune.wanted(content)) = 0 or terms = '' then commune.wanted(content)
        else commune.wanted(content) && terms::tsquery end;

create index listing_findable on commune.listing
    using gin (commune.findable(words, kind, tags, domain));
-- One in eight of all, spread evenly: whatever is found there often enough is not looked up
-- among all, since no more than so many are put in order, and since a map tells about how many
-- there are.
create index listing_findable_some on commune.listing
    using gin (commune.findable(words, kind, tags, domain))
    where hashint8(id) & 7 = 0;
-- So that the planner knows how much an eighth is.
create statistics commune.listing_eighth on (hashint8(id) & 7) from commune.listing;
drop index commune.listing_words;
drop index commune.listing_tags;

-- Names of one kind, and of one server, in their order, without reading what they are names of.
create index listing_kind_name on commune.listing (kind, sorted, id, subject);
create index listing_domain_name on commune.listing (domain, kind, sorted, id, subject);
drop index commune.listing_kind;
drop index commune.listing_domain;

-- Each eighth of the directory has an index of its own, not only the first of them: as much as is
-- put in order is looked up in one part after the other, until there is enough of it. What is in
-- one of a hundred names costs so no more than what is in one of ten.
alter index commune.listing_findable_some rename to listing_findable_0;
create index listing_findable_1 on commune.listing
    using gin (commune.findable(words, kind, tags, domain)) where hashint8(id) & 7 = 1;
create index listing_findable_2 on commune.listing
    using gin (commune.findable(words, kind, tags, domain)) where hashint8(id) & 7 = 2;
create index listing_findable_3 on commune.listing
    using gin (commune.findable(words, kind, tags, domain)) where hashint8(id) & 7 = 3;
create index listing_findable_4 on commune.listing
    using gin (commune.findable(words, kind, tags, domain)) where hashint8(id) & 7 = 4;
create index listing_findable_5 on commune.listing
    using gin (commune.findable(words, kind, tags, domain)) where hashint8(id) & 7 = 5;
create index listing_findable_6 on commune.listing
    using gin (commune.findable(words, kind, tags, domain)) where hashint8(id) & 7 = 6;
create index listing_findable_7 on commune.listing
    using gin (commune.findable(words, kind, tags, domain)) where hashint8(id) & 7 = 7;

-- What was boosted since the last post of a page, whoever did it.
create index reaction_boosts on commune.reaction (id desc) where kind = 'boost';

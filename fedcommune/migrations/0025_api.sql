-- Which collections of whom is reported a report is about, like its posts.
alter table commune.report add column collection_ids bigint[] not null default '{}';

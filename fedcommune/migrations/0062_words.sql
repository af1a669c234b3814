-- What a list says of a post reads like its page: a word in a link or in bold stays one word, and
-- each sign that clean HTML writes out is the sign again.
create or replace function commune.told(content text) returns text
    language sql immutable parallel safe
    return left(btrim(regexp_replace(
        replace(replace(replace(replace(replace(replace(replace(
            regexp_replace(
                regexp_replace(content, '</?(a|abbr|b|bdi|code|del|em|i|s|small|span|strong|u)( [^>]*)?>', '', 'g'),
                '<[^>]*>', ' ', 'g'),
            '&lt;', '<'), '&gt;', '>'), '&quot;', '"'), '&#39;', ''''), '&#x27;', ''''), '&nbsp;', ' '),
            '&amp;', '&'),
        '\s+', ' ', 'g')), 300);

-- What was listed before says so too, without a trigger's work for what did not change.
update commune.listing set told = commune.told(told) where told like '%&#x27;%';

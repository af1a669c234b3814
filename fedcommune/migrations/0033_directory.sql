-- The tile in which a point lies, again: without "strict", which kept the planner from writing
-- the expression into the query and cost a function call for each point that is counted.
create or replace function commune.tile_x(spot point, level integer) returns integer
    language sql immutable parallel safe
    return least(greatest(
        floor((spot[0] + 20037508.342789244) / 40075016.68557849 * (1 << level))::integer,
        0), (1 << level) - 1);
create or replace function commune.tile_y(spot point, level integer) returns integer
    language sql immutable parallel safe
    return least(greatest(
        floor((20037508.342789244 - spot[1]) / 40075016.68557849 * (1 << level))::integer,
        0), (1 << level) - 1);

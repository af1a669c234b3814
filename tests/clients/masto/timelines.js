// Read every timeline, turn its pages, and remember where one was.
import assert from "node:assert/strict";

const ids = (statuses) => statuses.map((each) => each.id);

export default async function ({ client, marie, paul }) {
  const [ofMarie, ofPaul] = [client(marie), client(paul)];
  await ofPaul.v1.accounts.$select(marie.id).follow();
  const said = [];
  for (let number = 0; number < 5; number += 1) {
    said.unshift((await ofMarie.v1.statuses.create({ status: `Numéro ${number} #compte` })).id);
  }
  const pages = [];
  for await (const page of ofPaul.v1.timelines.home.list({ limit: 2 })) pages.push(ids(page));
  assert.deepEqual(pages.flat(), said);
  assert.equal(pages[0].length, 2);
  assert.deepEqual(ids(await ofPaul.v1.timelines.public.list({ local: true })), said);
  assert.deepEqual(ids(await ofPaul.v1.timelines.tag.$select("compte").list()), said);
  assert.deepEqual(ids(await ofPaul.v1.accounts.$select(marie.id).statuses.list()), said);
  assert.deepEqual(
    ids(await ofPaul.v1.timelines.home.list({ sinceId: said[1] })),
    said.slice(0, 1),
  );

  const moved = await ofPaul.v1.markers.create({ home: { lastReadId: said[2] } });
  assert.equal(moved.home.lastReadId, said[2]);
  const kept = await ofPaul.v1.markers.fetch({ timeline: ["home", "notifications"] });
  assert.equal(kept.home.lastReadId, said[2]);
  assert.equal(kept.notifications, undefined);

  await ofPaul.v1.tags.$select("compte").follow();
  assert.deepEqual((await ofPaul.v1.followedTags.list()).map((each) => each.name), ["compte"]);
  const found = await ofMarie.v2.search.list({ q: "numéro", type: "statuses" });
  assert.equal(found.statuses.length, 5);
}

// Send a picture, say what it shows, publish it, and see it from the other commune.
import assert from "node:assert/strict";

export default async function ({ client, ask, marie, far }) {
  const [ofMarie, ofFar] = [client(marie), client(far)];
  const picture = Buffer.from(await ask("picture"), "base64");
  const sent = await ofMarie.v2.media.create({
    file: new Blob([picture], { type: "image/png" }),
    description: "Un chat au soleil",
    focus: "0.5,-0.25",
  });
  assert.deepEqual([sent.type, sent.description], ["image", "Un chat au soleil"]);
  assert.deepEqual(sent.meta.focus, { x: 0.5, y: -0.25 });
  await ofMarie.v1.media.$select(sent.id).update({ description: "Un chat à l'ombre" });
  const said = await ofMarie.v1.statuses.create({ status: "Le voici", mediaIds: [sent.id] });
  assert.equal(said.mediaAttachments[0].description, "Un chat à l'ombre");
  await ask("settle");

  const [arrived] = await ofFar.v1.timelines.home.list();
  const [seen] = arrived.mediaAttachments;
  assert.equal(arrived.uri, said.uri);
  assert.equal(seen.description, "Un chat à l'ombre");
  assert.ok(seen.blurhash);
  assert.equal(new URL(seen.remoteUrl).host, new URL(marie.url).host);
  // Who looks at it asks their own commune, which has a copy.
  assert.equal(new URL(seen.url).host, new URL(far.url).host);
  const copy = await fetch(seen.url);
  assert.deepEqual([copy.status, copy.headers.get("content-type")], [200, "image/png"]);
  const preview = await fetch(seen.previewUrl);
  assert.equal(preview.status, 200);

  const source = await ofMarie.v1.statuses.$select(said.id).remove({ deleteMedia: true });
  assert.equal(source.text, "Le voici");
  await ask("settle");
  assert.deepEqual(await ofFar.v1.timelines.home.list(), []);
}

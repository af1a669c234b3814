// Hear at once what happens, over a WebSocket; and be pushed to while closed.
import assert from "node:assert/strict";

export default async function ({ client, masto, ask, marie, paul, subscription }) {
  const [ofMarie, ofPaul] = [client(marie), client(paul)];
  const instance = await ofMarie.v2.instance.fetch();
  await ofMarie.v1.accounts.$select(paul.id).follow();
  const streaming = masto.createStreamingAPIClient({
    streamingApiUrl: instance.configuration.urls.streaming,
    accessToken: marie.token,
  });
  await streaming.prepare?.();
  const events = streaming.user.subscribe()[Symbol.asyncIterator]();
  const next = async (kind) => {
    for (;;) {
      const { value } = await events.next();
      if (value.event === kind) return value.payload;
    }
  };
  // What is said before the subscription arrived is not told: say it until it is.
  const first = next("update");
  const beginning = setInterval(() => ofPaul.v1.statuses.create({ status: "Je suis là" }), 500);
  const begun = await first;
  clearInterval(beginning);
  assert.equal(begun.account.username, "paul");

  const said = await ofPaul.v1.statuses.create({ status: `@${marie.username} Bonjour` });
  const notification = await next("notification");
  assert.deepEqual([notification.type, notification.status.id], ["mention", said.id]);
  await ofPaul.v1.statuses.$select(said.id).update({ status: `@${marie.username} Bonsoir` });
  assert.match((await next("status.update")).content, /Bonsoir/);
  await ofPaul.v1.statuses.$select(said.id).remove();
  assert.equal(await next("delete"), said.id);
  streaming.close();

  const data = { policy: "all", alerts: { favourite: true } };
  const kept = await ofMarie.v1.push.subscription.create({ subscription, data });
  assert.equal(kept.serverKey, instance.configuration.vapid.publicKey);
  assert.ok((await ofMarie.v1.push.subscription.fetch()).alerts.favourite);
  const liked = await ofMarie.v1.statuses.create({ status: "Bonjour à tous" });
  await ofPaul.v1.statuses.$select(liked.id).favourite();
  const pushed = await ask("pushed");
  assert.deepEqual([pushed.notification_type, pushed.access_token], ["favourite", marie.token]);
  await ofMarie.v1.push.subscription.remove();
  await assert.rejects(ofMarie.v1.push.subscription.fetch(), { statusCode: 404 });
}

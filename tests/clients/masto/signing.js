// Register an application, let a person say yes, use the token, and give it back.
import assert from "node:assert/strict";

const OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob";

export default async function ({ masto, ask, url }) {
  const instance = await masto.createRestAPIClient({ url }).v2.instance.fetch();
  assert.equal(new URL(url).host, instance.domain);
  const anyone = masto.createRestAPIClient({ url });
  const app = await anyone.v1.apps.create({
    clientName: "Carnet",
    redirectUris: [OUT_OF_BAND],
    scopes: "read write follow",
    website: "https://carnet.example",
  });
  const page = new URL("/oauth/authorize", url);
  page.search = new URLSearchParams({
    response_type: "code",
    client_id: app.clientId,
    redirect_uri: OUT_OF_BAND,
    scope: "read write",
  });
  const code = await ask("code", page.href);

  const oauth = masto.createOAuthAPIClient({ url });
  const wanted = {
    grantType: "authorization_code",
    clientId: app.clientId,
    clientSecret: app.clientSecret,
    redirectUri: OUT_OF_BAND,
    scope: "read write",
    code,
  };
  const token = await oauth.token.create(wanted);
  assert.equal(token.tokenType, "Bearer");
  await assert.rejects(oauth.token.create(wanted), "a code counts once");
  // A code that comes a second time takes back what it gave.
  const again = await oauth.token.create({ ...wanted, code: await ask("code", page.href) });

  const client = masto.createRestAPIClient({ url, accessToken: again.accessToken });
  const me = await client.v1.accounts.verifyCredentials();
  assert.equal((await client.v1.apps.verifyCredentials()).name, "Carnet");
  const status = await client.v1.statuses.create({ status: "Depuis un carnet" });
  assert.equal(status.application.name, "Carnet");
  await oauth.revoke({
    clientId: app.clientId,
    clientSecret: app.clientSecret,
    token: again.accessToken,
  });
  await assert.rejects(client.v1.accounts.verifyCredentials(), { statusCode: 401 });
  return me.username;
}

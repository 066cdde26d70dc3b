/**
 * A provider that believes whoever signs in: `node provider.mjs REDIRECT_URI`. It prints its address.
 *
 * Somebody called `anna` is in the group perf; `unverified` has an address that nobody has verified.
 */

import { createServer } from 'node:http';

import Provider from 'oidc-provider';

const [redirect] = process.argv.slice(2);
const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [{ client_id: 'wideload', client_secret: 'a secret of the client', redirect_uris: [redirect] }],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], groups: ['groups'] },
    pkce: { required: () => true },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({
        sub: id,
        email: `${id}@example.com`,
        email_verified: id !== 'unverified',
        groups: id === 'anna' ? ['perf', 'web'] : ['web'],
      }),
    }),
  });
  server.on('request', provider.callback());
  console.log(issuer);
});
process.stdin.on('end', () => process.exit()).resume();

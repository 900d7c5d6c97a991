// Pages on several sites use a server in a real browser: who is listed gets in and stays in, who is not stays out.
//
// The environment has SERVER, a URL on api.roster.example; PAGES_PORT, on which every other name is served by this
// script; CERTIFICATE and KEY, PEM files; CHROMIUM, the browser; PROFILE, an empty folder; ROSTER_USER, ROSTER_PASSWORD.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { chromium } from 'playwright-core';

const env = process.env;
const credentials = { user: env.ROSTER_USER, pwd: env.ROSTER_PASSWORD };
const page_of = (host) => `https://${host}:${env.PAGES_PORT}/`;

const certificate = { cert: readFileSync(env.CERTIFICATE), key: readFileSync(env.KEY) };
const pages = createServer(certificate, (_, response) => {
  response.setHeader('Content-Type', 'text/html').end('<!doctype html><title>A page</title>');
});
await new Promise((resolve) => pages.listen(env.PAGES_PORT, '127.0.0.1', resolve));

const browser = await chromium.launchPersistentContext(env.PROFILE, {
  executablePath: env.CHROMIUM,
  headless: true,
  ignoreHTTPSErrors: true,
  args: [
    '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync',
    '--host-resolver-rules=MAP * 127.0.0.1',
    // What a person gets who blocks third-party cookies.
    '--test-third-party-cookie-phaseout',
  ],
});

// Sends a request from a page. Returns its status, or 'blocked' if the page may not see the response.
const send = (page, method, path, body) => page.evaluate(async ([url, method, body]) => {
  const headers = body ? { 'Content-Type': 'application/json' } : {};
  try {
    const response = await fetch(url, { method, headers, body: body && JSON.stringify(body), credentials: 'include' });
    return response.status;
  } catch {
    return 'blocked';
  }
}, [env.SERVER + path, method, body]);

const open = async (host) => {
  const page = await browser.newPage();
  await page.goto(page_of(host));
  return page;
};

const cookies = async () => (await browser.cookies()).filter(({ name }) => name === '__Host-refresh');

// Signs in, opens the page again, refreshes and signs out.
const use = async (host) => {
  const page = await open(host);
  assert.equal(await send(page, 'POST', '/auth', credentials), 200, `${host}: sign-in`);
  const kept = await cookies();
  await page.reload();
  assert.equal(await send(page, 'POST', '/refresh'), 200, `${host}: refresh`);
  assert.equal(await send(page, 'POST', '/refresh'), 200, `${host}: another refresh`);
  assert.equal(await send(page, 'POST', '/logout'), 204, `${host}: sign-out`);
  assert.equal(await send(page, 'POST', '/refresh'), 401, `${host}: refresh after the sign-out`);
  assert.deepEqual(await cookies(), [], `${host}: the cookie is gone`);
  await page.close();
  return kept;
};

// Tries everything with the cookie of somebody who is signed in, and gets nothing.
const abuse = async (host) => {
  const page = await open(host);
  for (const [method, path, body] of [
    ['POST', '/auth', credentials], ['POST', '/refresh'], ['GET', '/refresh'], ['POST', '/logout'], ['GET', '/logout'],
  ]) {
    assert.equal(await send(page, method, path, body), 'blocked', `${host}: ${method} ${path}`);
  }
  await page.evaluate((url) => new Promise((resolve) => {
    const image = new Image();
    image.onload = image.onerror = resolve;
    image.src = url;
  }), `${env.SERVER}/logout`);
  await page.close();
};

try {
  const [partitioned, more] = await use('app.example');
  assert.equal(more, undefined);
  assert.equal(partitioned.sameSite, 'None');
  assert.match(partitioned.partitionKey ?? '', /app\.example/);
  console.log('ok    a listed page of another site');

  const [strict] = await use('www.roster.example');
  assert.equal(strict.sameSite, 'Strict');
  console.log('ok    a listed page of the same site');

  const victim = await open('app.example');
  assert.equal(await send(victim, 'POST', '/auth', credentials), 200);
  const sibling = await open('www.roster.example');
  assert.equal(await send(sibling, 'POST', '/auth', credentials), 200);
  await abuse('other.example');
  await abuse('evil.roster.example');
  assert.equal(await send(victim, 'POST', '/refresh'), 200, 'the session of the listed page goes on');
  assert.equal(await send(sibling, 'POST', '/refresh'), 200, 'the session of the listed sibling goes on');
  console.log('ok    pages that are not listed');
} finally {
  await browser.close();
  pages.close();
}

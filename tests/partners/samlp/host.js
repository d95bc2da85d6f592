'use strict';

// An IdP built on the samlp middleware, which implements SAML but provides neither users nor pages.
//
// Environment variables contain the IdP's port (PARTNER_PORT) and the folder with its keys and the
// tests' registrations (PARTNER_DIRECTORY). The IdP reads the registrations at every request, so
// tests can add registrations while it runs.

const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const express = require('express');
const samlp = require('samlp');

const directory = process.env.PARTNER_DIRECTORY;
const port = Number(process.env.PARTNER_PORT);
const issuer = `http://127.0.0.1:${port}/metadata`;
const key = fs.readFileSync(path.join(directory, 'idp.key'));
const cert = fs.readFileSync(path.join(directory, 'idp.crt'));
const sessions = new Map();

function registrations(kind) {
  const folder = path.join(directory, kind);
  return fs.readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => JSON.parse(fs.readFileSync(path.join(folder, name), 'utf8')));
}

function profileMapper(user, serviceProvider) {
  const nameId = user.attributes[serviceProvider.name_id_attribute] ?? [user.name];
  return {
    getClaims: () => user.attributes,
    getNameIdentifier: () => ({
      nameIdentifier: nameId[0],
      nameIdentifierFormat: serviceProvider.name_id_format,
    }),
  };
}
profileMapper.prototype.metadata = [];

function sessionOf(request) {
  const cookie = /(?:^|;\s*)samlp-session=([0-9a-f]+)/.exec(request.headers.cookie ?? '');
  return cookie && sessions.get(cookie[1]);
}

function escaped(text) {
  return String(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function signInPage(carriedOn, message) {
  return `<!doctype html><html lang="en"><title>Sign in</title><h1>Sign in</h1><p>${escaped(message)}</p>
<form method="post" action="/sign-in"><input type="hidden" name="continue" value="${escaped(carriedOn)}">
<label>Name <input name="username"></label> <label>Password <input name="password" type="password"></label>
<button>Sign in</button></form></html>`;
}

function answer(request, response, next, issuerOfRequest) {
  const serviceProvider = registrations('service-providers').find((sp) => sp.entity_id === issuerOfRequest);
  if (!serviceProvider) {
    return response.status(400).send(`unknown service provider ${escaped(issuerOfRequest)}`);
  }
  const user = sessionOf(request);
  if (!user) {
    return response.send(signInPage(request.originalUrl, ''));
  }
  const encryption = serviceProvider.encryption_certificate && {
    encryptionCert: serviceProvider.encryption_certificate,
    encryptionPublicKey: crypto.createPublicKey(serviceProvider.encryption_certificate)
      .export({ type: 'spki', format: 'pem' }),
    encryptionAlgorithm: 'http://www.w3.org/2009/xmlenc11#aes256-gcm',
  };
  return samlp.auth({
    issuer,
    key,
    cert,
    audience: [serviceProvider.entity_id, ...serviceProvider.more_audiences],
    recipient: serviceProvider.acs_url,
    destination: serviceProvider.acs_url,
    signAssertion: serviceProvider.sign_assertion,
    signResponse: serviceProvider.sign_response,
    signatureAlgorithm: serviceProvider.signature_algorithm,
    digestAlgorithm: serviceProvider.digest_algorithm,
    lifetimeInSeconds: serviceProvider.lifetime_seconds,
    authnContextClassRef: 'urn:oasis:names:tc:SAML:2.0:ac:classes:Password',
    sessionIndex: `_${crypto.randomBytes(16).toString('hex')}`,
    getUserFromRequest: () => user,
    getPostURL: (audience, requestDom, postRequest, done) => done(null, serviceProvider.acs_url),
    profileMapper: (person) => profileMapper(person, serviceProvider),
    ...encryption,
  })(request, response, next);
}

const app = express();
app.get('/metadata', samlp.metadata({
  issuer,
  cert,
  profileMapper,
  redirectEndpointPath: '/sso',
  postEndpointPath: '/sso',
  logoutEndpointPaths: {},
}));
app.get('/sso', (request, response, next) => {
  samlp.parseRequest(request, {}, (error, parsed) => {
    if (error || !parsed) {
      return response.status(400).send('an AuthnRequest is missing or cannot be read');
    }
    return answer(request, response, next, parsed.issuer);
  });
});
app.get('/initiate', (request, response, next) => answer(request, response, next, request.query.sp));
app.post('/sign-in', express.urlencoded({ extended: false }), (request, response) => {
  const { username, password, continue: carriedOn } = request.body;
  const user = registrations('users').find((person) => person.name === username && person.password === password);
  if (!user || !/^\/(sso|initiate)\?/.test(carriedOn)) {
    return response.status(403).send(signInPage(carriedOn, 'The name or the password is wrong.'));
  }
  const session = crypto.randomBytes(16).toString('hex');
  sessions.set(session, user);
  response.set('Set-Cookie', `samlp-session=${session}; Path=/; HttpOnly`);
  return response.redirect(303, carriedOn);
});
app.listen(port, '127.0.0.1', (error) => {
  if (error) {
    throw error;
  }
  console.log(`listening on ${port}`);
});

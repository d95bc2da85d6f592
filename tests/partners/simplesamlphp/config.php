<?php

// The configuration of SimpleSAMLphp for one test run. Environment variables contain the settings
// that differ between runs: the base URL, and the folder with the keys and the tests' registrations.
$instance = getenv('PARTNER_DIRECTORY');

$config = [
    'baseurlpath' => getenv('PARTNER_BASE_URL') . '/simplesaml/',
    'certdir' => $instance . '/',
    'datadir' => $instance . '/',
    'tempdir' => $instance . '/tmp',
    'loggingdir' => $instance . '/',
    'metadatadir' => __DIR__ . '/metadata/',

    'secretsalt' => 'only-for-tests',
    'auth.adminpassword' => 'only-for-tests',
    'technicalcontact_name' => 'Tests',
    'technicalcontact_email' => 'tests@example.com',
    'timezone' => 'UTC',

    'debug' => ['saml' => false, 'backtraces' => true, 'validatexml' => false],
    'showerrors' => true,
    'errorreporting' => false,
    'logging.level' => SimpleSAML\Logger::NOTICE,
    'logging.handler' => 'errorlog',
    'statistics.out' => [],

    'enable.saml20-idp' => true,
    'module.enable' => ['core' => true, 'exampleauth' => true, 'saml' => true],

    // All ports of a host share cookies, so this cookie needs a different name from the broker's.
    'session.cookie.name' => 'SimpleSAMLTestSession',
    'session.cookie.path' => '/',
    'session.cookie.secure' => false,
    'session.cookie.samesite' => null,
    'session.phpsession.cookiename' => 'SimpleSAMLTest',
    'session.phpsession.savepath' => $instance . '/sessions',
    'session.phpsession.httponly' => true,
    'session.authtoken.cookiename' => 'SimpleSAMLTestAuthToken',
    'language.available' => ['en'],
    'language.default' => 'en',
    'language.cookie.secure' => false,
    'language.cookie.samesite' => null,

    'theme.use' => 'default',
    'authproc.idp' => [],
    'metadata.sources' => [['type' => 'flatfile']],
    'store.type' => 'phpsession',
];

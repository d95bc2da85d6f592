<?php

require_once __DIR__ . '/registrations.php';

$config = ['test-users' => ['exampleauth:UserPass']];
foreach (registrations('users') as $user) {
    $config['test-users'][$user['name'] . ':' . $user['password']] = $user['attributes'];
}

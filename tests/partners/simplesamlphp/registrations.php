<?php

/**
 * Everything that the tests have registered under `kind` ("users", "service-providers"), from one
 * JSON file each. The files are read at every request, so a running IdP sees what a test adds.
 */
function registrations(string $kind): array
{
    $files = glob(getenv('PARTNER_DIRECTORY') . "/$kind/*.json");
    return array_map(fn($file) => json_decode(file_get_contents($file), true, 32, JSON_THROW_ON_ERROR), $files);
}

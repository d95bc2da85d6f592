<?php

/**
 * The registrations of one kind ("users" or "service-providers"), each from its own JSON file. The
 * files are read at every request, so tests can add registrations while the IdP runs.
 */
function registrations(string $kind): array
{
    $files = glob(getenv('PARTNER_DIRECTORY') . "/$kind/*.json");
    return array_map(fn($file) => json_decode(file_get_contents($file), true, 32, JSON_THROW_ON_ERROR), $files);
}

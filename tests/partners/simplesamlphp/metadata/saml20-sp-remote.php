<?php

require_once __DIR__ . '/../registrations.php';

foreach (registrations('service-providers') as $registration) {
    $entityId = $registration['entity_id'];
    $metadata[$entityId] = $registration['options'];
    if ($registration['metadata_xml'] !== null) {
        $parsed = \SimpleSAML\Metadata\SAMLParser::parseString($registration['metadata_xml']);
        $metadata[$entityId] += $parsed->getMetadata20SP();
    }
}

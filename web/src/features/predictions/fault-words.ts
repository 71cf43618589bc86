const words: Record<string, string> = {
  no_fault: 'No fault',
  eccentricity: 'Eccentricity',
  missing_tooth: 'Missing tooth',
  root_crack: 'Root crack',
  surface_fault: 'Surface fault',
  tooth_chipped_fault: 'Chipped tooth',
  chipped_tooth: 'Chipped tooth',
};

/** A fault class in words; a class of a customer's own model as it is named, without underscores. */
export function faultWords(faultClass: string): string {
  const known = words[faultClass];
  if (known) return known;
  const text = faultClass.replaceAll('_', ' ').trim();
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Classes by which a model says that all is well. */
export function isHealthy(faultClass: string): boolean {
  return ['no_fault', 'healthy', 'normal', 'ok'].includes(faultClass.toLowerCase());
}

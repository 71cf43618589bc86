/**
 * The server's time, learnt from the Date header of its answers. A browser whose clock is off by a
 * year still shows the last 15 minutes of the machine. Small differences are left alone: the header
 * counts whole seconds.
 */
const worthCorrecting = 5000;
let offset = 0;

export function noteServerDate(header: string | null, now: number = Date.now()): void {
  const server = header === null ? Number.NaN : Date.parse(header);
  if (Number.isNaN(server)) return;
  const difference = server + 500 - now;
  offset = Math.abs(difference) > worthCorrecting ? difference : 0;
}

export function serverNow(): number {
  return Date.now() + offset;
}

// An edge agent that replays a recording whose values are its row numbers: what arrives can be counted.
import { writeFileSync } from "node:fs";
import { tenant } from "./harness.mjs";

/** Columns counter.a (0, 1, 2 ...) and counter.b (0, -1, -2 ...). */
export function writeRecording(file, rows, intervalS) {
  const lines = ["timestamp,counter.a,counter.b"];
  for (let row = 0; row < rows; row++) lines.push(`${(row * intervalS).toFixed(3)},${row},${0 - row}`);
  writeFileSync(file, lines.join("\n") + "\n");
}

/** Configuration of the agent; `hub` where it is not reached at the platform's own address. */
export function edgeToml(platform, device, recording, hub = platform.hub) {
  return `[device]
tenant = "${tenant}"
identifier = "${device}"
description = "counts"
timezone = "Europe/Zurich"

[hub]
address = "${hub}"
api = "${platform.api}"
claim_file = "claim"
first_retry_ms = 50
longest_retry_ms = 500

[[replay]]
file = "${recording}"
path = "counter"
`;
}

/** Values of a metric, oldest first. */
export async function values(platform, device, metric = "counter.a") {
  const { numericScalar } = await platform.query(
    `query($b: NumericScalarInput!) { numericScalar(body: $b) { values { value } } }`,
    {
      b: {
        tenantIdentifier: tenant,
        deviceIdentifier: device,
        metricIdentifier: [metric],
        start: "2000-01-01",
        end: "2100-01-01",
      },
    },
  );
  return (numericScalar[0]?.values ?? []).map((v) => v.value).reverse();
}

/** Events of a device, newest first. */
export const events = async (platform, device) =>
  (
    await platform.query(
      `{ events(tenantIdentifier: "${tenant}", deviceIdentifier: "${device}", start: "2020-01-01", end: "2100-01-01") { kind message } }`,
    )
  ).events;

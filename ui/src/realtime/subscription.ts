/** Which events to hear of. What is left out: whatever it is. */
export interface Subscription {
  /** By their slugs. */
  readonly projects?: readonly string[];
  /** Keys, ids, or patterns of ids with `*` and `?`: "E13-*". Then only events that are about such specs. */
  readonly specs?: readonly string[];
  /** Also specs below those: "E13-1" and "E13/a" below "E13", and LeanSpec's whose `parent` it is. */
  readonly children?: boolean;
  /** "spec.updated"; "spec.*" is every one that begins so. */
  readonly types?: readonly string[];
  /** At most one delivery in that time, with the latest of each spec. */
  readonly throttleMs?: number;
}

/** As the address of an event stream says it. */
export function toQuery(subscription: Subscription): URLSearchParams {
  const { projects = [], specs = [], types = [], children, throttleMs } = subscription;
  const query = new URLSearchParams();
  for (const slug of projects) query.append("project", slug);
  for (const spec of specs) query.append("spec", spec);
  for (const type of types) query.append("types", type);
  if (children) query.set("children", "true");
  if (throttleMs) query.set("throttle_ms", String(throttleMs));
  return query;
}

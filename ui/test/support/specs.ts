import type { SpecEvent } from "../../src/realtime/event.ts";
import type { Spec } from "../../src/realtime/spec.ts";

export function aSpec(key: string, more: Partial<Spec> = {}): Spec {
  return {
    key, project: "shop", kind: "change", id: key, change_id: key, path: `openspec/changes/${key}`, title: key,
    status: "proposing", priority: null, tags: [], assignee: null, progress: "no-tasks", tasks_done: 0, tasks_total: 0,
    version: 1, sync_error: null, last_synced_at: null, filesystem_modified_at: null, db_modified_at: null,
    archived_at: null, ...more,
  };
}

export function eventOf(type: SpecEvent["type"], seq: number, spec: Spec, more: Partial<SpecEvent> = {}): SpecEvent {
  const { project, ...metadata } = spec;
  return {
    type, seq, project, key: spec.key, origin: "disk", actor: null, timestamp: "2027-01-15T08:00:00.000000Z",
    id: spec.id, kind: spec.kind, version: spec.version, files: [], changes: [], metadata, ...more,
  };
}

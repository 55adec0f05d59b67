import type { Cancel } from "./clock.ts";

/** Calls `what` whenever the surroundings say that it is worth looking at the connection. */
export type WatchWakeups = (what: () => void) => Cancel;

/** Of a page that is shown again, or whose network is back; elsewhere nothing is said. */
export const watchWakeups: WatchWakeups = (what) => {
  if (typeof window === "undefined" || typeof document === "undefined") return () => {};
  const kept = (event: PageTransitionEvent) => void (event.persisted && what());
  const shown = () => void (document.visibilityState === "visible" && what());
  window.addEventListener("online", what);
  window.addEventListener("pageshow", kept);
  document.addEventListener("visibilitychange", shown);
  return () => {
    window.removeEventListener("online", what);
    window.removeEventListener("pageshow", kept);
    document.removeEventListener("visibilitychange", shown);
  };
};

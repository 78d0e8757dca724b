/** Opens a profile in the speedscope that the site carries; an embedded laboratory has none beside it. */
import type { Action } from "../lab/take.ts";

const VIEWER = "./speedscope/index.html";

/** A button of a notebook page; nothing where the page is somebody else's. */
export function openInSpeedscope(profile: object, title: string): Action[] {
  if (document.querySelector("meta[name=inkwell-site]") === null) return [];
  const act = (): void => {
    const blob = new Blob([JSON.stringify(profile)], { type: "application/json" });
    const hash = new URLSearchParams({ profileURL: URL.createObjectURL(blob), title });
    open(`${VIEWER}#${hash}`, "_blank");
  };
  return [{ label: "Open in speedscope", act }];
}

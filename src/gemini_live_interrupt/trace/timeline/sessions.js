// A trace as a page: each of its sessions, one below the other.
import { Cuts } from "./cuts.js";
import { Timeline, node } from "./timeline.js";

const SHOWN = new Set(["trace", "conversation", "text", "user", "audio", "played", "turn_complete", "voice", "interrupted", "interruption", "ended"]);

export function showTrace(root, lines) {
  const sessions = sessionsOf(lines);
  const cuts = sessions.reduce((sum, { timeline }) => sum + timeline.conversation.cuts.length, 0);
  const heading = node("h1");
  heading.textContent = `${count(cuts, "interruption")} in ${count(sessions.length, "session")}`;
  const about = node("p", "tl-about");
  about.textContent = aboutTrace(lines.find(({ type }) => type === "trace"));
  root.append(heading, about);
  for (const session of sessions) {
    root.append(session.element);
    session.timeline.draw();
    session.timeline.showCut();
    session.cuts.draw();
  }
}

// A session belongs to the header before it: a trace may have been continued by another process, whose time began anew.
function sessionsOf(lines) {
  const found = new Map();
  let header = null;
  let part = 0;
  for (const line of lines) {
    if (line.type === "trace") {
      header = line;
      part += 1;
    } else if (SHOWN.has(line.type)) {
      const key = `${part}/${line.session}`;
      if (!found.has(key)) found.set(key, section(found.size + 1, header));
      found.get(key).timeline.take(line);
    }
  }
  return [...found.values()];
}

function section(number, header) {
  const element = node("section", "tl-session", { "aria-label": `Session ${number}` });
  const heading = node("h2");
  heading.textContent = `Session ${number}`;
  const drawing = node("div");
  const below = node("div");
  element.append(heading, drawing, below);
  const timeline = new Timeline(drawing, { label: `Timeline of session ${number}` });
  if (header) timeline.take(header);
  return { element, timeline, cuts: new Cuts(below, timeline) };
}

function aboutTrace(header) {
  if (!header) return "";
  const started = new Date(header.started);
  const when = Number.isNaN(started.valueOf()) ? "" : `From ${started.toLocaleString()}. `;
  return `${when}Written by gemini-live-interrupt ${header.library}${header.content ? "" : ", without what people said"}.`;
}

function count(number, what) {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}

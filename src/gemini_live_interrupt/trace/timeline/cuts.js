// What is known of each interruption, in words: how much was heard, by what evidence, and what the model was told.
import { node } from "./timeline.js";

const EVIDENCE = {
  reported: "by the player’s report",
  words: "by the server’s word timestamps",
  clock: "by the playback clock",
  text: "all of it: a session without audio",
};
const OUTCOME = {
  noted: "The model was told before it spoke again",
  asked: "Nobody spoke, so the model was asked to go on",
  late: "The next reply was faster: no note",
  skipped: "The app’s builder gave no note",
  failed: "The note could not be sent",
  refused: "The server refused the note",
  closed: "The session ended before anything followed",
};

const CAUSE = {
  app: "what the app sent, not by the user",
  tool: "a tool’s response, not by the user",
  connection: "the end of the connection, not by the user",
};
const ELSEWHERE = {
  earlier: "too early: with sentences that had been heard",
  later: "too late: something that had not been heard was skipped",
  none: "not with what was cut off",
};

export class Cuts {
  constructor(root, timeline) {
    this.root = root;
    this.timeline = timeline;
    this.shown = new Map();
    root.classList.add("tl-cuts");
  }

  draw() {
    const { conversation } = this.timeline;
    for (const [index, cut] of conversation.cuts.entries()) {
      let card = this.shown.get(cut);
      if (!card) {
        card = build(index + 1);
        card.title.addEventListener("click", () => this.timeline.showCut(index));
        this.shown.set(cut, card);
        this.root.append(card.article);
      }
      const facts = factsOf(conversation, cut);
      const known = JSON.stringify(facts);
      if (card.known !== known) {
        card.known = known;
        update(card, facts);
      }
    }
  }
}

// Everything that is shown of a cut.
export function factsOf(conversation, cut) {
  const told = cut.told;
  const off = conversation.library === false;
  const note = told?.note ?? null;
  const resumed = conversation.resumption(cut);
  return {
    off,
    played: cut.played,
    received: cut.received,
    evidence: told ? (EVIDENCE[told.evidence] ?? told.evidence) : "by what the browser played",
    error: cut.error,
    cause: Object.hasOwn(CAUSE, told?.cause) ? CAUSE[told.cause] : null,
    heard: cut.reply.text.slice(0, cut.heardLength(cut.reply)).trim(),
    user: told?.user_text?.trim() || said(conversation, cut),
    outcome: off ? "The model was told nothing" : (OUTCOME[cut.settled?.outcome] ?? cut.settled?.outcome ?? "Under way"),
    state: off ? "off" : (cut.settled?.outcome ?? "open"),
    note,
    characters: told?.note_characters ?? (note === null ? null : note.length),
    after: told?.note_after ?? null,
    resumed: resumed ? `at “${firstWords(resumed.reply.text.slice(resumed.offset), 6)}”` : wentOn(cut.result),
  };
}

function wentOn(result) {
  if (result === "sentence") return "at the sentence that was cut off";
  return result === null ? "" : (ELSEWHERE[result] ?? result);
}

function said(conversation, cut) {
  const during = conversation.utterances.find(({ from, to }) => from <= cut.t + 0.5 && (to ?? Infinity) >= cut.t - 0.5);
  return during?.text.trim() ?? "";
}

function build(number) {
  const article = node("article", "tl-cut");
  const heading = node("h3", "tl-cut-title");
  const title = node("button", "", { type: "button", title: "Show it on the timeline" });
  title.textContent = `Interruption ${number}`;
  heading.append(title);
  const outcome = node("p", "tl-outcome");
  const bar = node("div", "tl-bar", { role: "img" });
  bar.append(node("span", "tl-bar-heard"));
  const facts = node("dl", "tl-facts");
  const details = node("details", "tl-note");
  const summary = node("summary");
  const text = node("pre", "tl-note-text", { tabindex: "0" });
  details.append(summary, text);
  const head = node("div", "tl-cut-head");
  head.append(heading, outcome, bar);
  article.append(head, facts, details);
  return { article, title, outcome, bar, facts, details, summary, text, known: "" };
}

function update(card, found) {
  const share = found.received > 0 ? Math.min(1, found.played / found.received) : 1;
  card.outcome.textContent = found.outcome;
  card.outcome.dataset.state = found.state;
  card.bar.firstChild.style.width = `${(100 * share).toFixed(1)}%`;
  card.bar.setAttribute("aria-label", `${found.played.toFixed(1)} of ${found.received.toFixed(1)} seconds were heard`);
  const rows = [["Heard", `${found.played.toFixed(2)} s of ${found.received.toFixed(2)} s received, ${found.evidence}`]];
  if (found.error !== null) rows.push(["Own estimate", error(found)]);
  if (found.cause) rows.push(["Cut off by", found.cause]);
  if (found.heard) rows.push(["Up to", `“${lastWords(found.heard, 6)}”`]);
  if (found.user) rows.push(["The user", `“${found.user}”`]);
  if (found.resumed) rows.push(["Went on", found.resumed]);
  card.facts.replaceChildren(...rows.flatMap(([name, words]) => [wrap("dt", name), wrap("dd", words)]));
  card.details.hidden = found.note === null && !found.off && found.characters === null;
  const delay = found.after === null ? "" : `, ${delayed(found.after)} after “interrupted”`;
  card.summary.textContent = found.off
    ? "What it was told: nothing"
    : `The note that was sent${found.characters === null ? "" : ` (${found.characters.toLocaleString("en")} characters${delay})`}`;
  card.text.textContent = found.off
    ? `As far as the model knows, all ${found.received.toFixed(1)} s of its answer were heard.`
    : (found.note ?? "The trace was written without what people said.");
}

// The library's own estimate, had the player not reported: how far it was off, and which way.
function error(found) {
  const off = Math.abs(found.error);
  const way = off < 0.005 ? "exact" : `${off.toFixed(2)} s too ${found.error > 0 ? "much" : "little"}`;
  return `${(found.played + found.error).toFixed(2)} s by the clock, had the player not reported: ${way}`;
}

function delayed(value) {
  return value < 1 ? `${Math.max(1, Math.round(1000 * value))} ms` : `${value.toFixed(1)} s`;
}

function wrap(tag, words) {
  const element = node(tag);
  element.textContent = words;
  return element;
}

function firstWords(text, count) {
  const words = text.trim().split(/\s+/);
  return words.length > count ? `${words.slice(0, count).join(" ")} …` : words.join(" ");
}

function lastWords(text, count) {
  const words = text.trim().split(/\s+/);
  return words.length > count ? `… ${words.slice(-count).join(" ")}` : words.join(" ");
}

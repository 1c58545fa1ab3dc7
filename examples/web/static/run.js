// One run of the conversation: its trace, its timeline, what is said in it and when, and what came of it.
import { Cuts } from "/timeline/cuts.js";
import { Timeline, node, seconds } from "/timeline/timeline.js";

const FRAME = 30; // milliseconds between two pictures, at the least,
const NEWS = 200; // and between two looks at what has come of it
const STILL = matchMedia("(prefers-reduced-motion: reduce)");
const PAUSE = 0.7; // seconds of silence before the next thing is said

export class Run {
  // `plan` is what is to be said: {say, reply, at}, `at` in seconds played of the reply, or "end".
  // `on` has the functions right, which is told in words that the model went on as it should, and over. `open` is whether
  // what is known of a cut is shown without being asked for.
  constructor(library, plan, on, { open = true } = {}) {
    this.library = library;
    this.on = on;
    this.open = open;
    this.plan = [...plan];
    this.said = [];
    this.lines = [];
    this.offset = Infinity; // of this page's clock against the trace's
    this.activeAt = performance.now() / 1000;
    this.frozen = null; // when it ceased to go on
    this.lost = false; // because the server went away
    this.state = "live"; // or "over", or "lost"
    this.drawnAt = this.toldAt = -Infinity;
    this.build();
  }

  build() {
    const name = this.library ? "With the library" : "Without the library";
    this.element = node("section", "run", { "aria-label": name, "data-library": this.library ? "on" : "off" });
    const head = node("div", "run-head");
    const heading = node("h2");
    heading.textContent = name;
    this.verdict = node("p", "verdict");
    this.download = node("button", "", { type: "button" });
    this.download.textContent = "Download trace";
    this.download.addEventListener("click", () => this.save());
    head.append(heading, this.verdict, this.download);
    const drawing = node("div");
    const cuts = node("div");
    this.known = node("details", "more");
    this.known.open = this.open;
    this.known.hidden = true;
    const summary = node("summary");
    summary.textContent = "The interruption in numbers, and what the model was told";
    this.known.append(summary, cuts);
    this.element.append(head, drawing, this.known);
    this.timeline = new Timeline(drawing, { label: `Timeline, ${name.toLowerCase()}` });
    this.cuts = new Cuts(cuts, this.timeline);
  }

  get conversation() {
    return this.timeline.conversation;
  }

  take(line) {
    this.lines.push(line);
    if (Number.isFinite(line.t)) this.offset = Math.min(this.offset, performance.now() / 1000 - line.t);
    if (line.type !== "played") this.activeAt = performance.now() / 1000;
    this.timeline.take(line);
  }

  // The present, in seconds of the trace.
  get now() {
    return Number.isFinite(this.offset) ? performance.now() / 1000 - this.offset : 0;
  }

  // Whether nobody is speaking, and nobody is going to.
  get over() {
    if (this.frozen !== null || this.conversation.ended !== null) return true;
    return !this.plan.length && !this.pending && this.idle > 1.5 && this.lines.length > 3;
  }

  // Whether a cut is open, after which the library has the model speak.
  get pending() {
    return this.library && this.conversation.cuts.some(({ settled }) => !settled);
  }

  // Whether what became of the cuts will not change.
  get final() {
    return this.over && (!this.library || this.conversation.cuts.every(({ result }) => result !== null));
  }

  get idle() {
    return performance.now() / 1000 - this.activeAt;
  }

  // Show it on the same time axis as another one.
  compareWith(other) {
    this.timeline.span = other.timeline.duration;
    this.other = other;
  }

  // What is to be said now, if anything; it is taken from the plan.
  due(player, uplink) {
    if (!player.silent || uplink.saying || uplink.speaking) this.activeAt = performance.now() / 1000;
    const [next] = this.plan;
    if (!next) return null;
    const reply = this.conversation.replies.find(({ number }) => number === next.reply);
    const complete = reply && reply.complete !== null && this.idle > PAUSE;
    const reached = reply && next.at !== "end" && player.played(next.reply) >= next.at;
    return complete || reached ? this.plan.shift() : null;
  }

  // Where the conversation is, to say the same thing there in another run.
  place(player) {
    const sounding = player.sounding;
    if (sounding !== null) return { reply: sounding, at: player.played(sounding) };
    return { reply: this.conversation.current?.number ?? 1, at: "end" };
  }

  // Nothing more comes: another run begins, or the server is gone.
  freeze(lost) {
    if (this.frozen !== null) return;
    this.frozen = this.over ? Infinity : this.now;
    this.lost = lost;
    this.draw();
  }

  draw() {
    const now = performance.now();
    const wait = this.state === "live" && !STILL.matches ? FRAME : NEWS; // once it is over, there is little to be seen
    if (now - this.drawnAt < wait && this.frozen === null) return;
    this.drawnAt = now;
    this.timeline.draw(this.frozen ?? (this.over ? Infinity : this.now));
    if (now - this.toldAt < NEWS && this.frozen === null) return;
    this.toldAt = now;
    this.known.hidden = !this.conversation.cuts.length;
    this.cuts.draw();
    this.judge();
    const state = this.lost ? "lost" : this.over ? "over" : "live";
    if (state === "over" && this.state === "live") this.finish();
    this.state = this.element.dataset.state = state;
  }

  finish() {
    this.timeline.showCut();
    if (this.other) {
      this.other.timeline.span = this.timeline.duration;
      this.other.timeline.stale = true;
      this.other.timeline.draw();
    }
    if (this.frozen === null) this.on.over(this);
  }

  judge() {
    const { words, state } = this.outcome();
    if (this.verdict.textContent !== words) {
      this.verdict.textContent = words;
      if (state === "right") this.on.right(words);
    }
    this.verdict.dataset.state = state;
  }

  outcome() {
    const { conversation } = this;
    const [cut] = conversation.cuts;
    if (conversation.ended !== null) return { words: `The conversation ended: ${conversation.ended}`, state: "wrong" };
    if (this.lost) return { words: "The server went away, and the conversation with it.", state: "wrong" };
    if (!cut) return { words: "", state: "" };
    const missed = this.final ? conversation.missed() : 0;
    if (missed) return { words: `${count(missed)} received, never heard, and not said again.`, state: this.library ? "" : "wrong" };
    if (cut.result === "sentence") {
      const where = conversation.resumption(cut)?.seamless ? "seamlessly" : "from its beginning";
      return { words: `The sentence that was cut off is taken up again ${where}.`, state: "right" };
    }
    if (cut.result === "earlier") return { words: "Sentences that had been heard are said again.", state: "wrong" };
    if (cut.result === "later") return { words: "Something that had not been heard is skipped.", state: "wrong" };
    return { words: `${seconds(cut.received - cut.played)} were received and not heard.`, state: "" };
  }

  save() {
    const text = this.lines.map((line) => `${JSON.stringify(line)}\n`).join("");
    const link = node("a", "", { download: `conversation-${this.library ? "on" : "off"}.jsonl` });
    link.href = URL.createObjectURL(new Blob([text], { type: "application/jsonl" }));
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }
}

function count(words) {
  return words === 1 ? "1 word was" : `${words} words were`;
}

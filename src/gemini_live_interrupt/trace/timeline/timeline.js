// Draws a conversation on one time axis: what the model said, what of it was never heard, and the user.
import { Conversation } from "./conversation.js";
import { clamp, piecesOf } from "./pieces.js";

const SCALE = 46; // pixels a second
const SMALLEST = 36; // to which it shrinks, if all of a conversation that is over then fits in
const NARROW = 104; // pixels below which a sentence shares the card of its neighbour
const NEWS = 120; // milliseconds between two looks at what has come
const LEAD_IN = 0.6; // seconds drawn before the first sound
const TAIL = 3.2; // seconds drawn after the last,
const END = 0.8; // and if nothing more is to come
const FOLLOW = 0.62; // of the width, where the present is kept
const LEGEND = [
  ["tl-key-heard", "heard"],
  ["tl-key-unheard", "received, not heard"],
  ["tl-key-cut", "cut off"],
  ["tl-key-again", "said again, and heard"],
  ["tl-key-user", "you"],
];
const LABEL = 78; // pixels that a label such as “heard 0.3 s” takes, and
const TITLE = 152; // the title of a row
const SVG = "http://www.w3.org/2000/svg";

export class Timeline {
  constructor(root, { label = "Timeline" } = {}) {
    this.conversation = new Conversation();
    this.scale = SCALE;
    this.span = 0; // seconds for which there is to be room from the beginning: those of another one, to be compared with
    this.live = null; // whether it goes on, as far as it was drawn
    this.laidAt = -Infinity;
    this.following = true;
    this.stale = true;
    this.cards = new Map();
    this.origin = 0;
    this.build(root, label);
  }

  build(root, label) {
    root.classList.add("tl");
    this.scroll = node("div", "tl-scroll", { tabindex: "0", role: "region", "aria-label": label });
    this.canvas = node("div", "tl-canvas");
    this.axis = node("div", "tl-axis", { "aria-hidden": "true" });
    this.marks = document.createElementNS(SVG, "svg");
    this.marks.setAttribute("class", "tl-marks");
    this.marks.setAttribute("aria-hidden", "true");
    this.rows = { model: row("Model", "tl-row-model"), unheard: row("Received, not heard", "tl-row-unheard"), user: row("You", "tl-row-user") };
    this.played = cursor("tl-played");
    this.receivedCursor = cursor("tl-received");
    this.canvas.append(this.axis, ...Object.values(this.rows).map(({ outer }) => outer), this.played.line, this.receivedCursor.line, this.marks);
    this.scroll.append(this.canvas);
    root.replaceChildren(this.scroll, legend());
    this.scroll.addEventListener("wheel", () => (this.following = false), { passive: true });
    this.scroll.addEventListener("pointerdown", () => (this.following = false));
    this.scroll.addEventListener("keydown", () => (this.following = false));
    new ResizeObserver(() => (this.stale = true)).observe(this.scroll);
  }

  take(line) {
    this.conversation.take(line);
    this.stale = true;
  }

  // Draw what is known; `now` is the present of a conversation that goes on, in seconds of its trace.
  draw(now = Infinity) {
    const live = Number.isFinite(now);
    const due = live ? performance.now() - this.laidAt > NEWS : this.stale;
    if (live !== this.live || due) this.lay(now, live);
    this.live = live;
    this.move(now);
    if (live && this.following) this.follow(now);
  }

  // Bring what matters most into view: where the model was cut off.
  showCut(index = 0) {
    const cut = this.conversation.cuts[index];
    if (!cut) return;
    const left = this.x(cut.reply.timeOf(cut.played)) - this.scroll.clientWidth * 0.46;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.scroll.scrollTo({ left, behavior: still ? "auto" : "smooth" });
  }

  // Seconds that are drawn of a conversation that is over.
  get duration() {
    return this.conversation.end - this.origin + END;
  }

  x(t) {
    return (t - this.origin) * this.scale;
  }

  lay(now, live) {
    const { conversation } = this;
    this.stale = false;
    this.laidAt = performance.now();
    if (!this.begun && Number.isFinite(conversation.start)) {
      this.origin = Math.max(0, conversation.start - LEAD_IN);
      this.begun = conversation.replies.length > 0;
    }
    const room = this.scroll.clientWidth;
    const end = live ? Math.max(now, conversation.end) + TAIL : conversation.end + END;
    const fitting = room / Math.max(this.span, live ? 0 : this.duration);
    this.scale = fitting < SMALLEST ? SCALE : Math.min(SCALE, fitting);
    const width = Math.max(room, this.x(end));
    this.canvas.style.width = `${Math.ceil(width)}px`;
    this.ruler(width);
    const used = new Set();
    for (const lane of Object.values(this.rows)) lane.placed = 0;
    this.resumed = conversation.cuts.map((cut) => conversation.resumption(cut)).filter(Boolean);
    for (const reply of conversation.replies) this.reply(reply, used);
    conversation.utterances.forEach((utterance, index) => this.utterance(utterance, index, used));
    for (const [key, { element }] of this.cards) {
      if (!used.has(key)) {
        element.remove();
        this.cards.delete(key);
      }
    }
    for (const { inner, least } of Object.values(this.rows)) {
      const heights = [...inner.children].map((card) => card.firstChild.offsetHeight);
      inner.style.setProperty("--row", `${Math.max(least, ...heights)}px`);
    }
    this.rows.unheard.outer.classList.toggle("tl-empty", !this.rows.unheard.inner.childElementCount);
    this.mark(width);
  }

  ruler(width) {
    const last = Math.floor(this.origin + width / this.scale);
    const ruled = `${this.origin} ${last} ${this.scale}`;
    if (this.ruled === ruled) return;
    this.ruled = ruled;
    const ticks = [];
    for (let second = Math.ceil(this.origin); second <= last; second += 1) {
      const tick = node("span", second % 5 ? "tl-tick" : "tl-tick tl-labelled");
      tick.style.left = `${this.x(second)}px`;
      if (second % 5 === 0 && this.x(second) < width - 36) tick.textContent = `${second} s`;
      ticks.push(tick);
    }
    this.axis.replaceChildren(...ticks);
  }

  reply(reply, used) {
    const heard = reply.cut ? reply.cut.heardLength(reply) : null;
    const again = reply.cut ? this.conversation.unheard(reply.cut) : [];
    const resumed = this.resumed.filter((place) => place.reply === reply).map(({ offset }) => offset);
    for (const piece of piecesOf(reply, heard, resumed, NARROW / this.scale)) {
      const unheard = piece.state === "unheard";
      const key = `${reply.number}/${piece.state}/${piece.begin}`;
      const card = this.card(key, unheard ? this.rows.unheard : this.rows.model, used);
      place(card.element, this.x(piece.from), (piece.to - piece.from) * this.scale);
      card.from = piece.from;
      card.to = piece.to;
      card.reply = reply;
      const takenUp = resumed.some((offset) => offset >= piece.begin && offset < piece.end);
      card.element.className = `tl-card tl-${piece.state}${takenUp ? " tl-resumed" : ""}`;
      const growing = piece.state === "open" && reply.complete === null && piece.end === reply.text.length;
      card.element.classList.toggle("tl-growing", growing);
      if (unheard) card.element.classList.toggle("tl-again", again.some(({ begin, again: said }) => said && begin >= piece.begin && begin < piece.end));
      write(card, reply, piece);
    }
  }

  utterance(utterance, index, used) {
    const card = this.card(`user/${index}`, this.rows.user, used);
    card.utterance = utterance;
    card.element.className = "tl-utterance";
    if (!card.bar) {
      card.bar = node("span", "tl-voice");
      card.said = node("span", "tl-said");
      const content = node("div", "tl-content");
      content.append(card.bar, card.said);
      card.element.append(content);
    }
    const words = utterance.text.trim();
    card.said.textContent = words || (utterance.to === null ? "…" : "no words");
    card.said.classList.toggle("tl-wordless", !words);
    card.element.style.left = `${this.x(utterance.from)}px`;
    const next = this.conversation.utterances[index + 1];
    const room = next ? this.x(next.from) - this.x(utterance.from) - 10 : Infinity;
    card.element.style.maxWidth = `${Math.min(180, Math.max(64, room))}px`;
  }

  card(key, lane, used) {
    used.add(key);
    let card = this.cards.get(key);
    if (!card) {
      card = { element: node("div", ""), words: [] };
      this.cards.set(key, card);
    }
    const before = lane.inner.children[lane.placed] ?? null; // in the order in which they are to be read aloud
    if (before !== card.element) lane.inner.insertBefore(card.element, before);
    lane.placed += 1;
    return card;
  }

  // Cuts, and the lines that join a sentence to where it was cut.
  mark(width) {
    const height = this.canvas.offsetHeight;
    this.marks.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.marks.setAttribute("width", width);
    this.marks.setAttribute("height", height);
    const model = this.rows.model.inner;
    const top = model.offsetTop + this.rows.model.outer.offsetTop;
    const bottom = this.rows.user.outer.offsetTop + this.rows.user.inner.offsetTop + 9; // the user's voice
    const drawn = [];
    const labels = []; // over the lines
    for (const cut of this.conversation.cuts) {
      const at = this.x(cut.reply.timeOf(cut.played));
      drawn.push(line("tl-cut-line", `M ${at} ${top - 16} V ${bottom}`));
      labels.push(text("tl-cut-label", Math.max(at - 5, LABEL), top - 21, `heard ${seconds(cut.played)}`, "end"));
      const ghost = this.rows.unheard;
      if (cut.received > cut.played && ghost.inner.childElementCount) {
        const x = this.x(cut.reply.timeOf(cut.received));
        const y = ghost.outer.offsetTop + 13;
        labels.push(text("tl-received-label", Math.max(x, TITLE + 1.4 * LABEL), y, `received ${seconds(cut.received)}`, "end"));
      }
      const resumed = this.conversation.resumption(cut);
      if (!resumed) continue;
      const to = this.x(resumed.reply.timeOf(resumed.reply.secondsOf(resumed.offset)));
      const high = top - 44;
      drawn.push(line("tl-join", `M ${at} ${top - 16} C ${at + 4} ${high}, ${to - 4} ${high}, ${to + 1} ${top - 6}`));
      drawn.push(line("tl-join-head", `M ${to - 4} ${top - 9} L ${to + 1} ${top - 2} L ${to + 6} ${top - 9}`));
      if (to - at > 130) labels.push(text("tl-join-label", (at + to) / 2, top - 41, "taken up again", "middle"));
    }
    this.marks.replaceChildren(...drawn, ...labels);
  }

  // What moves with time: cursors, the words that have been heard, the bar of who is speaking.
  move(now) {
    const reply = this.conversation.current;
    for (const card of this.cards.values()) {
      if (card.utterance) {
        const { from, to } = card.utterance;
        card.bar.style.width = `${Math.max(6, ((to ?? Math.min(now, this.conversation.last + 1)) - from) * this.scale)}px`;
      } else if (card.reply) {
        fill(card, now);
      }
    }
    const sounding = Number.isFinite(now) && reply && !reply.cut && reply.received > 0 && reply.playedAt(now) < reply.received;
    this.played.line.hidden = !Number.isFinite(now);
    this.receivedCursor.line.hidden = !sounding;
    this.played.line.style.transform = `translateX(${this.x(now)}px)`;
    this.played.label.style.right = `${Math.min(2, this.x(now) - LABEL - 6)}px`;
    this.played.label.textContent = sounding ? `heard ${seconds(reply.playedAt(now))}` : "";
    if (sounding) {
      this.receivedCursor.line.style.transform = `translateX(${this.x(reply.timeOf(reply.received))}px)`;
      this.receivedCursor.label.style.left = `${Math.max(2, LABEL + 8 - this.x(reply.timeOf(reply.received)))}px`;
      this.receivedCursor.label.textContent = `received ${seconds(reply.received)}`;
    }
  }

  follow(now) {
    const { scroll } = this;
    const wanted = this.x(now) - scroll.clientWidth * FOLLOW;
    if (wanted > scroll.scrollLeft) scroll.scrollLeft = wanted;
  }
}

function write(card, reply, piece) {
  const content = reply.text.slice(piece.begin, piece.end);
  if (card.content === content) return;
  card.content = content;
  const prefix = node("span", "tl-hidden");
  prefix.textContent = piece.state === "unheard" ? "Model, received but not heard: " : "Model: ";
  card.words = reply
    .words()
    .filter(({ begin, end }) => end > piece.begin && begin < piece.end)
    .map(({ begin, end }) => {
      const element = node("span", "tl-word");
      element.textContent = reply.text.slice(Math.max(begin, piece.begin), Math.min(end, piece.end));
      return { element, end };
    });
  const wrapped = node("div", "tl-content");
  wrapped.append(prefix, ...card.words.map(({ element }) => element));
  if (!content) wrapped.append(seconds(piece.state === "unheard" ? reply.cut.received - reply.cut.played : (reply.cut?.played ?? reply.received)));
  card.element.replaceChildren(wrapped);
}

function fill(card, now) {
  if (!card.element.classList.contains("tl-open")) return;
  const part = clamp((now - card.from) / Math.max(card.to - card.from, 0.001), 0, 1);
  card.element.style.setProperty("--heard", `${(100 * part).toFixed(1)}%`);
  const heard = card.reply.heardAt(now);
  for (const { element, end } of card.words) element.classList.toggle("tl-heard-word", end <= heard);
}

function legend() {
  const list = node("ul", "tl-legend", { "aria-label": "Legend" });
  for (const [name, words] of LEGEND) {
    const item = node("li", "");
    item.append(node("span", `tl-key ${name}`), words);
    list.append(item);
  }
  return list;
}

function row(title, name) {
  const outer = node("div", `tl-row ${name}`);
  const label = node("div", "tl-label");
  label.textContent = title;
  const inner = node("div", "tl-lane");
  outer.append(label, inner);
  return { outer, inner, least: name === "tl-row-model" ? 44 : 30 };
}

function cursor(name) {
  const line = node("div", `tl-cursor ${name}`, { "aria-hidden": "true" });
  const label = node("span", "tl-cursor-label");
  line.append(label);
  line.hidden = true;
  return { line, label };
}

function place(element, left, width) {
  element.style.left = `${left.toFixed(1)}px`;
  element.style.width = `${Math.max(width - 2, 4).toFixed(1)}px`;
}

function line(name, d) {
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("class", name);
  path.setAttribute("d", d);
  return path;
}

function text(name, x, y, words, anchor) {
  const element = document.createElementNS(SVG, "text");
  element.setAttribute("class", name);
  element.setAttribute("x", x);
  element.setAttribute("y", y);
  element.setAttribute("text-anchor", anchor);
  element.textContent = words;
  return element;
}

export function node(tag, name, attributes = {}) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

export function seconds(value) {
  return `${value.toFixed(1)} s`;
}

// A conversation as the lines of its trace tell it: who spoke when, what was heard, where it was cut, what was told.
// Times are seconds since the trace began, places in a reply seconds of its audio or characters of its text.

const JITTER = 0.06; // seconds that a report of the player may stray before it is believed that playback did
const USUAL_PACE = 14; // characters a second, where nothing else is known
const RUNS_AHEAD = 0.5; // a transcript that came in less than this part of its audio tells nothing of when words sound
const ALIKE = 0.6; // of the words of a sentence that is taken up again; a correction changes some
const UTTERANCE_GAP = 1.2; // seconds between two sounds of one utterance
const VOICE_BEFORE = 0.25; // seconds from the user's first sound to `interrupted`, where only the latter is known
const COUGH = 0.4; // seconds for which a sound without an end is drawn

export class Reply {
  constructor(number) {
    this.number = number;
    this.text = "";
    this.received = 0; // seconds of audio
    this.complete = null; // when its turn was
    this.cut = null; // the Cut of it, if it was interrupted
    this.toldAt = null; // when the first word of its text came
    this.places = []; // [offset in the text, seconds of audio that had come]: where deltas came
    this.arrivals = []; // [time, seconds received]
    this.reports = []; // [time, seconds played]: what the player said
    this.changed = 0; // grows with every change of what it says
  }

  get began() {
    const heard = this.anchors()[0];
    return heard ? heard[0] : Infinity;
  }

  addText(t, text, received) {
    this.toldAt ??= t;
    this.places.push([this.text.length, received]);
    this.text += text;
    this.changed += 1;
  }

  addAudio(t, seconds) {
    this.arrivals.push([t, seconds]);
    this.received = Math.max(this.received, seconds);
    this.changed += 1;
  }

  addPlayed(t, seconds) {
    const last = this.reports.at(-1);
    if (last && (seconds < last[1] || t < last[0])) return;
    if (last && this.reports.length > 1 && Math.abs(seconds - last[1] - (t - last[0])) < JITTER) {
      const before = this.reports.at(-2);
      if (Math.abs(last[1] - before[1] - (last[0] - before[0])) < JITTER) this.reports.pop(); // still on one line
    }
    this.reports.push([t, seconds]);
  }

  // [time, seconds played], ascending: by the player's word, else by the clock that plays audio as soon as it comes.
  anchors() {
    return this.reports.length ? this.reports : this.clock();
  }

  clock() {
    const found = [];
    let end = -Infinity;
    let before = 0;
    for (const [t, seconds] of this.arrivals) {
      if (t >= end) found.push([t, before]);
      end = Math.max(end, t) + (seconds - before);
      before = seconds;
      found.push([end, seconds]);
    }
    if (!found.length && this.toldAt !== null) found.push([this.toldAt, 0]); // no sound has come of it yet
    return found;
  }

  // Seconds that were played at time t: at most what was received, or what was heard before the cut.
  playedAt(t) {
    const limit = this.cut ? this.cut.played : this.received;
    return Math.max(0, Math.min(limit, along(this.anchors(), t, 0, 1)));
  }

  // The time at which so many seconds were played, or will be, or would have been.
  timeOf(seconds) {
    return along(this.anchors(), seconds, 1, 0);
  }

  // What the clock says of time t, for comparison with the player's word.
  estimateAt(t) {
    return Math.max(0, Math.min(this.received, along(this.clock(), t, 0, 1, false)));
  }

  // Where in the audio a place in the text sounds.
  secondsOf(offset) {
    return along(this.pins(), offset, 0, 1, false);
  }

  pins() {
    const end = this.received || this.text.length / USUAL_PACE;
    const whole = [[0, 0], [Math.max(this.text.length, 1), end]];
    const [first, last] = [this.places[0], this.places.at(-1)];
    if (this.known) return this.known;
    if (!last || last[1] - first[1] < RUNS_AHEAD * this.received * (last[0] / Math.max(this.text.length, 1))) return whole;
    return [...this.places, whole[1]];
  }

  // How many characters had been heard at time t.
  heardAt(t) {
    if (this.cut && t >= this.cut.t) return this.cut.heardLength(this);
    const played = this.playedAt(t);
    if (this.complete !== null && t >= this.complete && played >= this.received - 1) return this.text.length;
    return this.heardBy(played);
  }

  heardBy(seconds) {
    let heard = 0;
    for (const word of this.words()) {
      if (this.secondsOf(word.end) > seconds + 0.02) break;
      heard = word.end;
    }
    return heard;
  }

  words() {
    return this.cached("words", () => [...this.text.matchAll(/\s*\S+/g)].map(span));
  }

  sentences() {
    return this.cached("sentences", () => {
      if (!Intl.Segmenter) return [...this.text.matchAll(/\s*[^.!?。！？]+[.!?。！？]*/g)].map(span);
      const found = [...new Intl.Segmenter(undefined, { granularity: "sentence" }).segment(this.text)];
      return found.map(({ segment, index }) => ({ begin: index, end: index + segment.length, text: segment }));
    });
  }

  cached(name, make) {
    if (this[`_${name}`]?.length !== this.text.length) this[`_${name}`] = { length: this.text.length, value: make() };
    return this[`_${name}`].value;
  }
}

// An interruption: what the library said of it, and what the page itself saw.
export class Cut {
  constructor(t, reply) {
    this.t = t;
    this.reply = reply;
    this.number = 0;
    this.phases = []; // lines of type "interruption"
    this.result = null; // where the model went on, as the library found: "sentence", "earlier", "later" or "none"
    this.flushed = null; // when the server said `interrupted`
  }

  get told() {
    return this.phases.at(-1) ?? null;
  }

  get settled() {
    return this.phases.find((line) => line.phase === "settled") ?? null;
  }

  // Seconds that were really played: the player's last word, else the library's.
  get played() {
    const reports = this.reply.reports;
    if (reports.length) return reports.at(-1)[1];
    return this.told?.played ?? this.reply.estimateAt(this.t);
  }

  get received() {
    return this.told?.received ?? this.reply.received;
  }

  heardLength(reply) {
    const told = this.told;
    if (typeof told?.heard === "string") return Math.min(told.heard.length, reply.text.length);
    return reply.heardBy(this.played);
  }

  // By how many seconds the library's clock alone is ahead of the player (behind, if negative); null without a player.
  get error() {
    if (!this.reply.reports.length || !this.reply.arrivals.length) return null;
    return this.reply.estimateAt(this.flushed ?? this.t) - this.played;
  }
}

export class Conversation {
  constructor() {
    this.header = null;
    this.library = null; // whether it was on, where that is known
    this.service = "";
    this.session = "";
    this.replies = [];
    this.utterances = []; // {from, to, text}
    this.cuts = [];
    this.ended = null; // what went wrong
    this.last = 0; // the time of the newest line
  }

  get current() {
    return this.replies.at(-1) ?? null;
  }

  // Take in a line; one that makes no sense is skipped.
  take(line) {
    const read = Object.hasOwn(READERS, line?.type) && READERS[line.type];
    if (!read || (line.type !== "trace" && !Number.isFinite(line.t))) return;
    if (Number.isFinite(line.t)) this.last = Math.max(this.last, line.t);
    if (typeof line.session === "string") this.session = line.session;
    read(this, line);
  }

  reply(number) {
    let found = this.replies.find((reply) => reply.number === number);
    if (!found) {
      found = new Reply(number);
      this.replies.push(found);
    }
    return found;
  }

  // The time at which all that is known of it is over.
  get end() {
    const ends = this.replies.map((reply) => (reply.text || reply.received ? reply.timeOf(reply.received) : 0));
    return Math.max(this.last, ...ends.filter(Number.isFinite));
  }

  get start() {
    const begins = [...this.replies.map((reply) => reply.began), ...this.utterances.map(({ from }) => from)];
    return Math.min(this.last, ...begins.filter(Number.isFinite));
  }

  // Where the cut sentence was taken up again, if the library found that it was: {reply, offset}, or null.
  resumption(cut) {
    if (cut.result !== "sentence") return null;
    const sentence = this.cutSentence(cut);
    const later = this.replies.slice(this.replies.indexOf(cut.reply) + 1);
    for (const reply of later) {
      const offset = placeOf(sentence, reply.text);
      if (offset !== null) return { reply, offset };
    }
    return cut.resumedIn ? { reply: cut.resumedIn, offset: 0, seamless: true } : null;
  }

  cutSentence(cut) {
    const told = cut.told?.cut_sentence;
    if (typeof told === "string") return told.trim() ? told : cut.reply.text;
    const heard = cut.heardLength(cut.reply);
    const sentence = cut.reply.sentences().find(({ begin, end }) => begin <= heard && heard < end);
    return sentence ? sentence.text : "";
  }

  // The sentences of a cut reply that were not heard, or not to their end, and whether each was said again.
  unheard(cut) {
    const heard = cut.heardLength(cut.reply);
    const later = this.replies.slice(this.replies.indexOf(cut.reply) + 1);
    return cut.reply
      .sentences()
      .filter(({ end, text }) => end > heard && text.trim())
      .map(({ begin, end, text }) => {
        const from = Math.max(begin, heard);
        const again = later.some((reply) => {
          const offset = placeOf(text, reply.text) ?? placeOf(cut.reply.text.slice(from, end), reply.text);
          return offset !== null && (!reply.cut || offset < reply.cut.heardLength(reply));
        });
        return { begin: from, end, again };
      });
  }

  // Words of replies that were received and never heard, nor said again; and of all that was said the first time.
  missed() {
    let missed = 0;
    for (const cut of this.cuts) {
      for (const { begin, end, again } of this.unheard(cut)) {
        if (!again) missed += tokens(cut.reply.text.slice(begin, end)).length;
      }
    }
    return missed;
  }
}

const READERS = {
  trace(conversation, line) {
    conversation.header = line;
  },
  conversation(conversation, line) {
    conversation.library = line.library !== false;
    conversation.service = String(line.service ?? "");
  },
  text(conversation, line) {
    if (typeof line.text !== "string" || !line.text) return;
    conversation.reply(line.reply).addText(line.t, line.text, Number.isFinite(line.received) ? line.received : 0);
  },
  audio(conversation, line) {
    if (Number.isFinite(line.seconds)) conversation.reply(line.reply).addAudio(line.t, line.seconds);
  },
  played(conversation, line) {
    if (Number.isFinite(line.seconds)) conversation.reply(line.reply).addPlayed(line.t, line.seconds);
  },
  turn_complete(conversation, line) {
    const reply = conversation.replies.find(({ number }) => number === line.reply) ?? conversation.current;
    if (reply && reply.complete === null) reply.complete = line.t;
  },
  voice(conversation, line) {
    const last = conversation.utterances.at(-1);
    if (line.speaking) {
      if (last && last.to !== null && line.t - last.to < UTTERANCE_GAP && !last.text) last.to = null;
      else conversation.utterances.push({ from: line.t, to: null, text: "" });
    } else if (last && last.to === null) {
      last.to = line.t;
    }
  },
  user(conversation, line) {
    if (typeof line.text !== "string" || !line.text) return;
    const { utterances, replies } = conversation;
    const last = utterances.at(-1);
    if (last && (!last.text || last.before === replies.length)) {
      last.text += line.text;
      last.before = replies.length;
    } else {
      utterances.push({ from: line.t, to: line.t + COUGH, text: line.text, before: replies.length });
    }
  },
  interrupted(conversation, line) {
    const reply = conversation.replies.find(({ number }) => number === line.reply);
    if (!reply || (!reply.text && !reply.received)) return;
    if (!reply.cut && reply.complete !== null && reply.playedAt(line.t) >= reply.received) return; // heard to its end
    reply.cut ??= conversation.newCut(line.t, reply);
    reply.cut.flushed ??= line.t;
  },
  interruption(conversation, line) {
    let cut = conversation.cuts.find(({ number }) => number === line.number);
    if (!cut) {
      const reply = conversation.current && !conversation.current.cut ? conversation.current : guess(conversation, line);
      cut = reply.cut = conversation.newCut(line.t, reply);
      cut.number = line.number;
    }
    cut.phases.push(line);
    conversation.heardOf(cut, line);
    if (line.phase === "resumed") conversation.wentOn(cut, line);
  },
  // The result alone, of a conversation in which the library tells nobody anything.
  resumption(conversation, line) {
    const cut = conversation.cuts.find(({ result }) => result === null);
    if (cut) conversation.wentOn(cut, line);
  },
  ended(conversation, line) {
    conversation.ended = String(line.text ?? "");
  },
};

// A trace of interruptions alone tells of the user what was known of their words.
Conversation.prototype.heardOf = function heardOf(cut, line) {
  if (!cut.reply.guessed || !(line.user_characters > 0)) return;
  const text = line.user_text || `${line.user_characters} characters`;
  const known = this.utterances.find((utterance) => utterance.cut === cut);
  if (known) known.text = text;
  else this.utterances.push({ from: cut.t - VOICE_BEFORE, to: cut.t + COUGH, text, cut });
};

Conversation.prototype.wentOn = function wentOn(cut, { resumption }) {
  if (typeof resumption !== "string") return;
  cut.result = resumption;
  cut.resumedIn = this.current !== cut.reply && this.current?.text ? this.current : null;
};

Conversation.prototype.newCut = function newCut(t, reply) {
  const cut = new Cut(t, reply);
  this.cuts.push(cut);
  return cut;
};

// A reply of which nothing is known but its interruption.
function guess(conversation, line) {
  const reply = conversation.reply(`cut ${line.number}`);
  const [heard, unheard] = [line.heard, line.unheard].map((text) => (typeof text === "string" ? text : ""));
  reply.text = heard + unheard;
  reply.received = Math.max(line.received, line.played);
  reply.known = [[0, 0], [heard.length, line.played], [Math.max(reply.text.length, heard.length + 1), reply.received]];
  reply.reports = [[line.t - line.played, 0], [line.t, line.played]];
  reply.guessed = true;
  return reply;
}

// Walk along a line through points, from one of their coordinates to the other; beyond the ends in real time, if at all.
function along(points, at, from, to, beyond = true) {
  if (!points.length) return NaN;
  const first = points[0];
  if (at <= first[from]) return beyond ? first[to] + (at - first[from]) : first[to];
  for (let index = 1; index < points.length; index += 1) {
    const [a, b] = [points[index - 1], points[index]];
    if (at <= b[from]) {
      const width = b[from] - a[from];
      return width > 0 ? a[to] + ((at - a[from]) / width) * (b[to] - a[to]) : b[to];
    }
  }
  const last = points.at(-1);
  return beyond ? last[to] + (at - last[from]) : last[to];
}

// Where in a text a sentence begins again, though a few words be changed; null if it does not.
export function placeOf(sentence, text) {
  const wanted = tokens(sentence);
  const found = [...text.matchAll(WORD)];
  if (!wanted.length) return null;
  const length = Math.min(wanted.length, 6);
  for (let at = 0; at + length <= found.length; at += 1) {
    let same = 0;
    for (let n = 0; n < length; n += 1) same += found[at + n][0].toLowerCase() === wanted[n] ? 1 : 0;
    const offset = found[at].index;
    if (length < 3 && !/(^|[.!?。！？…:])\P{L}*$/u.test(text.slice(0, offset))) continue; // a word or two are anywhere
    if (same >= Math.max(1, Math.ceil(ALIKE * length))) return offset;
  }
  return null;
}

const WORD = /[\p{L}\p{N}\p{M}'’-]+/gu;

function tokens(text) {
  return (text.match(WORD) ?? []).map((word) => word.toLowerCase());
}

function span(match) {
  return { begin: match.index, end: match.index + match[0].length, text: match[0] };
}

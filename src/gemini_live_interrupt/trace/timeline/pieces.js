// A reply in pieces to be drawn: its sentences, divided where it was cut, each with the time at which it sounds.

// Returns {begin, end, state, from, to}: places in the text, "open" (going on, or heard to its end), "heard" or "unheard",
// and times. Pieces of less than `least` seconds share one with their neighbour, but for those that begin at a place of
// `starts`. `heard` is how many characters of a cut reply were heard, or null.
export function piecesOf(reply, heard, starts, least) {
  return merge(timed(reply, divided(reply, heard)), starts, least);
}

function divided(reply, heard) {
  const whole = { begin: 0, end: reply.text.length };
  const sentences = reply.sentences();
  const found = [];
  for (const { begin, end } of sentences.length ? sentences : [whole]) {
    const open = [[begin, end, "open"]];
    const cut = [
      [begin, Math.min(end, heard), "heard"],
      [Math.max(begin, heard), end, "unheard"],
    ];
    for (const [first, last, state] of heard === null ? open : cut) {
      if (reply.text.slice(first, last).trim()) found.push({ begin: first, end: last, state });
    }
  }
  if (reply.text) return found;
  if (heard === null) return reply.received ? [{ ...whole, state: "open" }] : [];
  return ["heard", "unheard"].map((state) => ({ ...whole, state })); // a trace without what people said
}

function timed(reply, pieces) {
  for (const [index, piece] of pieces.entries()) {
    const [least, most] = bounds(reply, piece.state);
    const next = pieces[index + 1];
    const first = pieces[index - 1]?.state !== piece.state;
    const begin = first ? least : clamp(reply.secondsOf(piece.begin), least, most);
    const end = next?.state === piece.state ? clamp(reply.secondsOf(next.begin), least, most) : most;
    piece.from = reply.timeOf(begin);
    piece.to = Math.max(piece.from, reply.timeOf(end));
  }
  return pieces;
}

// Between which seconds of the reply's audio a piece of this state can be.
function bounds({ cut, received }, state) {
  if (!cut) return [0, received];
  return state === "unheard" ? [cut.played, cut.received] : [0, cut.played];
}

function merge(pieces, starts, least) {
  const found = [];
  for (const piece of pieces) {
    const last = found.at(-1);
    const narrow = last && (piece.to - piece.from < least || last.to - last.from < least);
    if (narrow && last.state === piece.state && !starts.includes(piece.begin)) {
      last.end = piece.end;
      last.to = piece.to;
    } else {
      found.push(piece);
    }
  }
  return found;
}

export function clamp(value, least, most) {
  return Math.min(most, Math.max(least, value));
}
